//! Checks the things that Boll needs on this machine, and installs bubblewrap and the Rust target
//! if they are missing.
//!
//! `boll doctor` and `boll demo` share it. Only [`fix`] changes anything, and it announces each step.

mod debian;
pub(crate) mod findings;
mod memory;
mod sandbox;
mod toolchains;

use std::path::Path;

pub(crate) use findings::{Finding, Findings, Fix, Status};
pub(crate) use memory::{memory_finding, room_finding};
pub(crate) use sandbox::sandbox_findings;
pub(crate) use toolchains::toolchain_findings;

use crate::report::reporter::Reporter;
use crate::toolchain::install::{self, InstallError};
use crate::toolchain::run::NEUTRAL;

/// Applies the fixes that Boll can apply and this user may. Each is tried, also after one that failed.
pub(crate) fn fix(findings: &Findings, reporter: &Reporter) -> Result<(), InstallError> {
    let fixes = findings.0.iter().filter_map(|finding| finding.fix.as_ref());
    let tried: Vec<_> = fixes.map(|fix| apply(fix, reporter)).collect();
    tried.into_iter().collect()
}

fn apply(fix: &Fix, reporter: &Reporter) -> Result<(), InstallError> {
    match fix {
        Fix::Bubblewrap(_) => install::bubblewrap(reporter)?,
        Fix::RustTarget(_) => install::rust_target(Path::new(NEUTRAL), reporter)?,
        Fix::Install(_) | Fix::Line(_) | Fix::Manual(_) => {}
    }
    Ok(())
}
