//! What the trial of a sandbox found.

use std::sync::Arc;

use super::cgroup::{Cgroups, TreeLimit};
use super::report::{SandboxReport, SandboxStatus, Weakness};
use super::settings::SandboxBackend;

/// What the trial of a sandbox found.
#[derive(Debug)]
pub(super) struct Tried {
    pub(super) report: SandboxReport,
    pub(super) cgroups: Arc<Cgroups>,
    pub(super) counted: Counted,
}

/// What the kernel counts to hold a process to a number of processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Counted {
    /// Those of its sandbox, which has a user namespace of its own.
    #[default]
    Tree,
    /// All of its user's.
    User,
    /// Nothing: it is root.
    Nothing,
}

impl Tried {
    /// What came of a trial, and what the machine cannot limit besides.
    pub(super) fn new(
        backend: SandboxBackend,
        status: SandboxStatus,
        fix: Option<&str>,
        counted: Counted,
        mut weaknesses: Vec<Weakness>,
    ) -> Self {
        let cgroups = Arc::new(Cgroups::find());
        let limits: &[TreeLimit] = match counted {
            Counted::Tree => &[TreeLimit::Memory, TreeLimit::Weight],
            // The kernel limits their number in no other way.
            Counted::Nothing | Counted::User => &TreeLimit::ALL,
        };
        let missing = limits.iter().filter_map(|limit| {
            let because = cgroups.refusal(*limit)?.to_owned();
            Some(Weakness::NoCgroup {
                limit: *limit,
                because,
            })
        });
        weaknesses.extend(missing);
        Self {
            cgroups,
            report: SandboxReport {
                backend,
                status,
                fix: fix.map(Into::into),
                weaknesses,
            },
            counted,
        }
    }

    /// On a platform that there is no init for, and so no sandbox.
    pub(super) fn without_init(backend: SandboxBackend, counted: Counted) -> Option<Self> {
        boll_init::PROGRAM.is_empty().then(|| {
            let reason = "there is no sandbox for this platform".into();
            let broken = SandboxStatus::Broken { reason };
            Self::new(backend, broken, None, counted, Vec::new())
        })
    }
}
