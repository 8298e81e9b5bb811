//! Builds capsules with `make`, which it tells where the compiler for C and Boll itself are.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::clang::{self, NoCompiler};
use super::freshness::modified;
use super::run::{RunError, Stream, find_program, lines};
use crate::foreign;
use crate::report::reporter::Reporter;

/// The variable that is set to the compiler, for a Makefile that uses it.
const COMPILER: &str = "WASI_CC";

/// The variable that is set to this program.
const PROGRAM: &str = "BOLL";

/// Why make made no component.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MakeError {
    /// There is no make.
    #[error("`make` is missing: install the package `make` of your system")]
    Missing,
    /// The Makefile uses the compiler, and there is none.
    #[error(transparent)]
    Compiler(#[from] NoCompiler),
    /// The Makefile cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// make ended with an error.
    #[error("`make` failed:\n{output}")]
    Failed {
        /// What it printed.
        output: String,
    },
    /// The build ended well and the component is not where it should be.
    #[error("`make` ended well, and there is no {}", component.display())]
    NoComponent {
        /// Where the component should be.
        component: PathBuf,
    },
    /// make could not be run to its end.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl MakeError {
    /// Whether it is this machine that lacks something.
    pub(super) fn is_missing_tool(&self) -> bool {
        matches!(self, Self::Missing | Self::Compiler(_))
    }
}

/// Runs `make` in `directory`, an absolute path: it knows itself what is out of date. Returns whether nothing was.
pub(super) fn build(
    directory: &Path,
    component: &Path,
    reporter: &Reporter,
) -> Result<bool, MakeError> {
    let path = directory.join("Makefile");
    let text =
        foreign::bytes(&path, foreign::TEXT).map_err(|source| MakeError::Read { path, source })?;
    if find_program("make").is_none() {
        return Err(MakeError::Missing);
    }
    let mut make = Command::new("make");
    make.arg("--no-print-directory").current_dir(directory);
    if String::from_utf8_lossy(&text).contains(COMPILER) && std::env::var_os(COMPILER).is_none() {
        make.env(COMPILER, clang::find()?.command);
    }
    if let Ok(program) = std::env::current_exe() {
        make.env(PROGRAM, program);
    }

    let before = modified(component);
    let step = reporter.step("running `make`");
    let (mut output, mut warnings) = (String::new(), String::new());
    let status = lines(&mut make, None, |stream, line| {
        if reporter.is_verbose() {
            reporter.relay(line);
        }
        output.push_str(line);
        output.push('\n');
        if stream == Stream::Err {
            warnings.push_str(line);
            warnings.push('\n');
        }
    })?;
    if !status.success() {
        return Err(MakeError::Failed { output });
    }
    let after = modified(component);
    if after.is_none() {
        return Err(MakeError::NoComponent {
            component: component.to_owned(),
        });
    }
    step.done();
    if !reporter.is_verbose() {
        reporter.relay(&warnings);
    }
    Ok(before == after)
}
