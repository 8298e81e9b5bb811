//! A capsule's own cases: files beside it that say what it is called with, what
//! the world around it answers, and the expected result.
//!
//! Each case runs in a runtime of its own, in a workspace of its own. Nothing of
//! the operator's counts but the sandbox, where processes are real.

mod case;
pub(crate) mod cases;
pub(crate) mod content;
pub(crate) mod coverage;
mod difference;
mod ending;
mod expect;
pub(crate) mod fixtures;
mod folders;
mod hook;
mod judge;
mod process;
mod raw;
mod record;
pub(crate) mod report;
pub(crate) mod run;

use std::time::Duration;

use boll_host::services::log::LogLine;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use self::coverage::Coverage;
use self::difference::Difference;

/// How the commands of a capsule run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ProcessMode {
    /// The case plays them.
    #[default]
    Scripted,
    /// They are started.
    Real,
}

/// All cases of a capsule, run.
pub(crate) struct Session {
    pub(crate) capsule: String,
    pub(crate) version: String,
    /// The manifest's path.
    pub(crate) manifest: String,
    pub(crate) ran: Vec<Ran>,
    /// `None` if only some of the cases ran.
    pub(crate) coverage: Option<Coverage>,
}

/// The name and the position of a case.
#[derive(Clone)]
pub(crate) struct Label {
    pub(crate) name: String,
    /// The file, as it is shown.
    pub(crate) file: String,
    pub(crate) line: usize,
}

/// A case that was run.
pub(crate) struct Ran {
    pub(crate) case: Label,
    pub(crate) mode: ProcessMode,
    /// Empty if it passed.
    pub(crate) differences: Vec<Difference>,
    pub(crate) time: Duration,
    pub(crate) log: Vec<LogLine>,
}

impl Session {
    pub(crate) fn failed(&self) -> usize {
        self.ran.iter().filter(|ran| !ran.passed()).count()
    }
}

impl Ran {
    pub(crate) fn passed(&self) -> bool {
        self.differences.is_empty()
    }
}
