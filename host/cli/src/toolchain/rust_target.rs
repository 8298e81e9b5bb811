//! Finds a Rust that can build capsules, and prepares one where there is none.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::debian_sysroot::{self, SysrootError};
use super::guest_rust::{GuestRust, TARGET, active_cargo, active_rustc, has_target};
use super::install::InstallError;
use super::run::{answer, find_program, quietly};
use crate::report::reporter::Reporter;

/// Enough to download a standard library over a slow line, and an end where the line is dead.
const RUSTUP_LIMIT: Duration = Duration::from_secs(300);

/// Why there is no Rust for capsules.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RustError {
    /// The system's packages could not stand in for rustup.
    #[error("cannot build Rust's standard library for {TARGET} from the system's packages")]
    Sysroot(#[from] SysrootError),
    /// The target is missing, and preparing it was not asked for.
    #[error("there is no Rust that builds for {TARGET}: `boll doctor --fix` prepares one")]
    NotPrepared,
    /// There is a Rust, without the target, and no known way to add it.
    #[error(
        "{rustc} cannot build for {TARGET}: its standard library for that target is missing. \
         With rustup: `rustup target add {TARGET}`; else install the package of your system that holds it{}",
        because(tried)
    )]
    NoTarget {
        /// The compiler in use.
        rustc: String,
        /// What was tried and why it failed.
        tried: Vec<String>,
    },
    /// There is no Rust at all.
    #[error(
        "Rust is missing (no `rustc` and `cargo` in the search path): install it with rustup, \
         then run `rustup target add {TARGET}`{}",
        because(tried)
    )]
    NoRust {
        /// What was tried and why it failed.
        tried: Vec<String>,
    },
}

impl RustError {
    /// The packages that an administrator would have to install, where that is what is missing.
    pub(crate) fn packages_for_administrator(&self) -> Option<&[String]> {
        match self {
            Self::Sysroot(SysrootError::Install(InstallError::NeedsAdministrator {
                packages,
                ..
            })) => Some(packages),
            _ => None,
        }
    }
}

/// What is there now. Changes nothing.
#[derive(Debug)]
pub(crate) enum Detected {
    /// Capsules can be built.
    Ready(GuestRust),
    /// A compiler without the target.
    NoTarget {
        /// What the compiler says of itself.
        rustc: String,
    },
    /// No compiler, or no cargo.
    NoRust,
}

/// Looks for a Rust that can build capsules: the one in use in `directory`, else one made earlier below `cache`.
pub(crate) fn detect(directory: &Path, cache: &Path) -> Detected {
    let version = answer(active_rustc(directory).arg("-V"));
    let cargo = active_cargo();
    if let (Some(version), Some(cargo)) = (&version, &cargo)
        && has_target(active_rustc(directory))
    {
        return Detected::Ready(GuestRust {
            rustc: None,
            cargo: cargo.clone(),
            version: version.clone(),
            target_suffix: None,
        });
    }
    if let Some(rust) = debian_sysroot::cached(cache) {
        return Detected::Ready(rust);
    }
    match (version, cargo) {
        (Some(rustc), Some(_)) => Detected::NoTarget { rustc },
        _ => Detected::NoRust,
    }
}

/// Gives a Rust that can build capsules, where there is one. Changes nothing.
pub(crate) fn find(directory: &Path, cache: &Path) -> Result<GuestRust, RustError> {
    match detect(directory, cache) {
        Detected::Ready(rust) => Ok(rust),
        Detected::NoTarget { .. } | Detected::NoRust => Err(RustError::NotPrepared),
    }
}

/// Gives a Rust that can build capsules. Where there is none, prepares it: with rustup, else from the
/// system's packages, with what it builds kept below `cache`. Safe to call from several processes at once.
pub(crate) fn ensure(
    directory: &Path,
    cache: &Path,
    reporter: &Reporter,
) -> Result<GuestRust, RustError> {
    let missing = match detect(directory, cache) {
        Detected::Ready(rust) => return Ok(rust),
        missing => missing,
    };
    let mut tried = Vec::new();

    match add_with_rustup(directory, reporter) {
        Ok(()) => {
            if let Detected::Ready(rust) = detect(directory, cache) {
                return Ok(rust);
            }
            tried.push("rustup added the target to another Rust than the one in use".to_owned());
        }
        Err(reason) => tried.push(reason),
    }
    match debian_sysroot::unavailable() {
        None => {
            if let Some(reason) = tried.last() {
                reporter.note(&format!("{reason}; using the system's packages instead"));
            }
            return Ok(debian_sysroot::make(directory, cache, reporter)?);
        }
        Some(reason) => tried.push(reason),
    }

    Err(match missing {
        Detected::NoTarget { rustc } => RustError::NoTarget { rustc, tried },
        Detected::Ready(_) | Detected::NoRust => RustError::NoRust { tried },
    })
}

/// `Err` says in words why rustup is of no help.
fn add_with_rustup(directory: &Path, reporter: &Reporter) -> Result<(), String> {
    let rustup = find_program("rustup").ok_or("there is no rustup")?;
    let sysroot = answer(active_rustc(directory).args(["--print", "sysroot"]))
        .map(PathBuf::from)
        .ok_or("rustup has no Rust installed for this folder")?;
    if !is_of_rustup(&sysroot) {
        return Err("the Rust in use is not one of rustup's".to_owned());
    }
    let step = reporter.step(format!("adding the Rust target {TARGET} with rustup"));
    let finished = quietly(
        Command::new(rustup)
            .args(["target", "add", TARGET])
            .current_dir(directory)
            .env("RUSTUP_MAX_RETRIES", "1"),
        Some(RUSTUP_LIMIT),
        reporter,
    );
    match finished {
        Ok(finished) if finished.status.success() => {
            step.done();
            Ok(())
        }
        Ok(finished) => {
            step.failed();
            let error = last_error(&finished.output);
            Err(format!("rustup could not add {TARGET} ({error})"))
        }
        Err(error) => {
            step.failed();
            Err(format!("rustup could not add {TARGET} ({error})"))
        }
    }
}

/// rustup keeps its Rusts in `toolchains/<name>`; it cannot add a target to any other.
fn is_of_rustup(sysroot: &Path) -> bool {
    sysroot
        .parent()
        .and_then(Path::file_name)
        .is_some_and(|folder| folder == "toolchains")
}

/// The line of rustup's output that says what went wrong.
fn last_error(output: &str) -> &str {
    output
        .lines()
        .rfind(|line| line.starts_with("error"))
        .or_else(|| output.lines().rfind(|line| !line.trim().is_empty()))
        .unwrap_or("it said nothing")
}

fn because(tried: &[String]) -> String {
    tried
        .iter()
        .map(|reason| format!("\n  tried: {reason}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_rusts_of_rustup() {
        assert!(is_of_rustup(Path::new(
            "/home/ada/.rustup/toolchains/stable-x86_64-unknown-linux-gnu"
        )));
        assert!(!is_of_rustup(Path::new("/usr")));
    }

    #[test]
    fn reports_the_error_line_of_rustup() {
        let output = "info: downloading\nerror: could not download\ncaused by: no network\n";
        assert_eq!(last_error(output), "error: could not download");
        assert_eq!(last_error("\n"), "it said nothing");
    }

    #[test]
    fn an_error_lists_what_was_tried() {
        let error = RustError::NoRust {
            tried: vec!["there is no rustup".to_owned()],
        };
        assert!(error.to_string().ends_with("\n  tried: there is no rustup"));
    }
}
