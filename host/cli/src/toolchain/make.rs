//! Builds capsules with `make`, which it tells where the compiler for C and Boll itself are.

use std::path::Path;
use std::process::Command;

use super::built_from::{Beginning, hides_a_change};
use super::error::BuildError;
use super::file_error::FileError;
use super::freshness::{Sources, modified};
use super::run::{failed, quietly};
use super::unfinished::Unfinished;
use super::{clang, tools};
use crate::foreign;
use crate::report::reporter::Reporter;

/// The variable that is set to the compiler, for a Makefile that uses it.
const COMPILER: &str = "WASI_CC";

/// The variable that is set to this program.
const PROGRAM: &str = "BOLL";

/// Runs `make` in `directory`, an absolute path: it knows itself what is out of date. Returns whether nothing was.
pub(super) fn build(
    directory: &Path,
    component: &Path,
    reporter: &Reporter,
) -> Result<bool, BuildError> {
    let path = directory.join("Makefile");
    let text = foreign::bytes(&path, foreign::TEXT).map_err(FileError::read(&path))?;
    tools::make()?;
    let mut make = Command::new("make");
    make.arg("--no-print-directory").current_dir(directory);
    if String::from_utf8_lossy(&text).contains(COMPILER) && std::env::var_os(COMPILER).is_none() {
        make.env(COMPILER, clang::find()?.command);
    }
    if let Ok(program) = std::env::current_exe() {
        make.env(PROGRAM, program);
    }

    let sources = Sources::of(directory);
    if hides_a_change(directory, &sources, component) {
        make.arg("--always-make");
    }
    let begun = Beginning::of(directory, &sources, component);
    let before = modified(component);
    let unfinished = Unfinished::begin(component)?;
    let step = reporter.step("running `make`");
    let finished = quietly(&mut make, None, reporter)?;
    if !finished.status.success() {
        step.failed();
        return Err(failed("`make`", &finished.output, reporter).into());
    }
    step.done();
    unfinished.done()?;
    if !reporter.is_verbose() {
        reporter.relay(&finished.errors);
    }
    begun.end();
    Ok(before == modified(component))
}
