//! Finds mistakes of syntax before anything is built: componentize-py takes seconds to come to them.

use std::path::Path;
use std::process::Command;

use super::super::error::BuildError;
use super::super::pyproject::PythonCapsule;
use super::super::run::quietly;
use crate::report::reporter::Reporter;

/// Reads the capsule's module and those that it imports. It runs nothing of them.
const CHECK: &str = include_str!("syntax.py");

/// How the check ends when it has found a mistake. Whatever else is wrong, the build finds.
const FOUND: i32 = 10;

/// Fails with the place of a mistake that keeps the capsule's modules from being read.
pub(super) fn check(
    directory: &Path,
    environment: &Path,
    capsule: &PythonCapsule,
    reporter: &Reporter,
) -> Result<(), BuildError> {
    let mut check = Command::new(environment.join("bin/python3"));
    check
        .current_dir(directory)
        // Nothing in the project's folder can take the place of Python's own modules.
        .args(["-I", "-W", "ignore", "-c", CHECK, &capsule.module])
        .args(&capsule.path);
    let finished = quietly(&mut check, None, reporter)?;
    match finished.status.code() {
        Some(FOUND) => Err(BuildError::PythonSyntax {
            module: capsule.module.clone(),
            error: finished.errors.trim_end().to_owned(),
        }),
        _ => Ok(()),
    }
}
