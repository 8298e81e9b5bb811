//! Builds capsules in Go: bindings by `go generate`, a core module by `go build`, and the component of both.

use std::env;
use std::ffi::OsString;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::bindings::GO_COMPONENT_TYPE;
use super::componentize::{ComponentizeError, componentize};
use super::freshness::Sources;
use super::run::{RunError, answer, succeed};
use crate::report::reporter::Reporter;

/// The core module that Go makes.
const MODULE: &str = "dist/core.wasm";

/// Where the contract is, and where the bindings are expected.
const WIT: &str = "wit";
const BINDINGS: &str = "gen";

/// The oldest Go that the bindings are written for.
const OLDEST: (u32, u32) = (1, 25);

const HOW_TO_GET: &str = "install Go 1.25 or newer, from https://go.dev/dl";

/// Why there is no component.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GoError {
    /// There is no Go.
    #[error("`go` is missing: {HOW_TO_GET}")]
    Missing,
    /// Go is too old.
    #[error("{found} is too old: {HOW_TO_GET}")]
    TooOld {
        /// The version that was found.
        found: String,
    },
    /// Nothing writes the bindings.
    #[error(
        "`go generate` wrote no {}: a file of the package main has to say \
         `//go:generate boll bindings {WIT} --lang go --world WORLD -o {BINDINGS}`",
        path.display()
    )]
    NoBindings {
        /// What of the bindings was looked for.
        path: PathBuf,
    },
    /// `go generate` cannot be given this program.
    #[error("cannot make `boll` for `go generate`")]
    Program(#[source] io::Error),
    /// Go's core module fits no component.
    #[error(transparent)]
    Componentize(#[from] ComponentizeError),
    /// A tool failed, or could not be run to its end.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl GoError {
    /// Whether it is this machine that lacks something.
    pub(super) fn is_missing_tool(&self) -> bool {
        matches!(self, Self::Missing | Self::TooOld { .. })
    }
}

/// The version of Go, when it is new enough.
pub(crate) fn go() -> Result<String, GoError> {
    // Elsewhere than in a project, whose go.mod could have Go fetch another Go first.
    let mut version = Command::new("go");
    version.args(["env", "GOVERSION"]).current_dir("/");
    let found = answer(&mut version).ok_or(GoError::Missing)?;
    match numbers(&found) {
        Some(numbers) if numbers >= OLDEST => Ok(found),
        _ => Err(GoError::TooOld { found }),
    }
}

/// Builds the module in `directory`, an absolute path, unless `component` is newer than all of its sources and this
/// program. Returns whether it was up to date.
pub(super) fn build(
    directory: &Path,
    component: &Path,
    reporter: &Reporter,
) -> Result<bool, GoError> {
    let sources = |folder: &Path| Sources::of(folder).and_this_program();
    if sources(directory).are_older_than(component) {
        return Ok(true);
    }
    go()?;
    let component_type = directory.join(BINDINGS).join(GO_COMPONENT_TYPE);
    if !sources(&directory.join(WIT)).are_older_than(&component_type) {
        // Gone with the directory, which has to outlive the command.
        let program = this_program_as_boll().map_err(GoError::Program)?;
        let mut generate = Command::new("go");
        generate
            .args(["generate", "./..."])
            .current_dir(directory)
            .env("PATH", path_beginning_with(program.path()));
        succeed(
            &mut generate,
            "writing the bindings with `go generate`",
            reporter,
        )?;
        if !component_type.is_file() {
            return Err(GoError::NoBindings {
                path: component_type,
            });
        }
    }
    let module = directory.join(MODULE);
    let mut build = Command::new("go");
    build
        .args([
            "build",
            "-buildmode=c-shared",
            "-trimpath",
            "-ldflags=-s -w",
            "-o",
        ])
        .arg(&module)
        .arg(".")
        .current_dir(directory)
        .envs([("GOOS", "wasip1"), ("GOARCH", "wasm")]);
    succeed(&mut build, "building with `go build`", reporter)?;
    componentize(&module, Some(&component_type), component)?;
    Ok(false)
}

/// A directory with this program in it as `boll`, whatever it is called: so `go generate` calls it.
fn this_program_as_boll() -> io::Result<TempDir> {
    let directory = tempfile::tempdir()?;
    symlink(env::current_exe()?, directory.path().join("boll"))?;
    Ok(directory)
}

fn path_beginning_with(directory: &Path) -> OsString {
    let path = env::var_os("PATH").unwrap_or_default();
    let directories = [directory.to_owned()]
        .into_iter()
        .chain(env::split_paths(&path));
    // What has a colon in it cannot be part of a search path.
    env::join_paths(directories).unwrap_or(path)
}

/// The first two numbers of `go1.27.3`.
fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.strip_prefix("go")?.split(['.', 'r', 'b', '-', ' ']);
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_version() {
        assert_eq!(numbers("go1.27.3"), Some((1, 27)));
        assert_eq!(numbers("go1.25rc1"), Some((1, 25)));
        assert_eq!(numbers("go1.26-custom"), Some((1, 26)));
        assert_eq!(numbers("devel"), None);
    }
}
