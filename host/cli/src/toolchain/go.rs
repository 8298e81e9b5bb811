//! Builds capsules in Go: bindings by `go generate`, a core module by `go build`, and the component of both.

use std::env;
use std::ffi::OsString;
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::bindings::GO_COMPONENT_TYPE;
use super::componentize::componentize;
use super::error::BuildError;
use super::freshness::Sources;
use super::run::succeed;
use super::tools;
use crate::report::reporter::Reporter;

/// The core module that Go makes.
const MODULE: &str = "dist/core.wasm";

/// Where the contract is, and where the bindings are expected.
const WIT: &str = "wit";
const BINDINGS: &str = "gen";

/// Builds the module in `directory`, an absolute path, unless `component` is newer than all of its sources and this
/// program. Returns whether it was up to date.
pub(super) fn build(
    directory: &Path,
    component: &Path,
    reporter: &Reporter,
) -> Result<bool, BuildError> {
    let sources = |folder: &Path| Sources::of(folder).and_this_program();
    if sources(directory).are_older_than(component) {
        return Ok(true);
    }
    tools::go()?;
    let component_type = directory.join(BINDINGS).join(GO_COMPONENT_TYPE);
    if !sources(&directory.join(WIT)).are_older_than(&component_type) {
        // Gone with the directory, which has to outlive the command.
        let program = this_program_as_boll().map_err(BuildError::Program)?;
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
            return Err(BuildError::NoBindings {
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
