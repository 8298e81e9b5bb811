//! Looks at what Boll needs on this machine, and prepares what is missing.
//!
//! `boll doctor` and `boll demo` share it. The checks change nothing; only [`fix`] does, and it says
//! each step before it takes it.

pub(crate) mod findings;
mod memory;
mod sandbox;
mod toolchains;

use std::path::Path;

pub(crate) use findings::{Finding, Findings, Fix, Status};
pub(crate) use memory::memory_finding;
pub(crate) use sandbox::sandbox_findings;
pub(crate) use toolchains::toolchain_findings;

use crate::report::reporter::Reporter;
use crate::toolchain::install::{InstallError, fetch_lists, install, needs_administrator};
use crate::toolchain::run::NEUTRAL;
use crate::toolchain::rust_target::{self, RustError};

/// Why a fix did not succeed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FixError {
    /// Packages could not be installed.
    #[error(transparent)]
    Install(#[from] InstallError),
    /// The Rust target could not be prepared.
    #[error(transparent)]
    Rust(#[from] RustError),
}

/// Applies the fixes of `findings` one after the other. `cache` keeps a Rust for capsules. What only a person can do is said and passed over.
///
/// What needs an administrator is gathered, so that there is one line to run in the end and not one after the other.
pub(crate) fn fix(findings: &Findings, cache: &Path, reporter: &Reporter) -> Result<(), FixError> {
    let mut for_administrator: Vec<String> = Vec::new();
    for finding in &findings.0 {
        match &finding.fix {
            None => {}
            // A weakness is shown by `doctor`, and stops nothing.
            Some(Fix::Manual(_)) if finding.status <= Status::Weak => {}
            Some(Fix::Manual(text)) => {
                reporter.note(&format!("{}: this is left to you: {text}", finding.name));
            }
            Some(Fix::Install { packages }) => match install(packages, reporter) {
                Ok(()) => {}
                Err(InstallError::NeedsAdministrator { packages, .. }) => {
                    for_administrator.extend(packages);
                }
                Err(error) => return Err(error.into()),
            },
            Some(Fix::PackageLists) => match fetch_lists(reporter) {
                Ok(()) => {}
                Err(InstallError::NeedsAdministrator { .. }) => {
                    let what = "fetch the package lists as root, then look again";
                    reporter.note(&format!("{}: this is left to you: {what}", finding.name));
                }
                Err(error) => return Err(error.into()),
            },
            Some(Fix::RustTarget) => {
                if let Err(error) = rust_target::ensure(Path::new(NEUTRAL), cache, reporter) {
                    match error.packages_for_administrator() {
                        Some(packages) => for_administrator.extend_from_slice(packages),
                        None => return Err(error.into()),
                    }
                }
            }
        }
    }
    if for_administrator.is_empty() {
        Ok(())
    } else {
        Err(needs_administrator(for_administrator).into())
    }
}
