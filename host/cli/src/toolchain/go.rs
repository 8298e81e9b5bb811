//! Builds capsules in Go: bindings by `go generate`, a core module by `go build`, and the component of both.

use std::env;
use std::ffi::OsString;
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::bindings::GO_COMPONENT_TYPE;
use super::built_from::{Beginning, is_up_to_date};
use super::componentize::componentize;
use super::error::BuildError;
use super::freshness::Sources;
use super::run::{RunError, quietly, succeed};
use super::tools;
use crate::foreign;
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
    let all = sources(directory);
    if is_up_to_date(directory, &all, component) {
        return Ok(true);
    }
    tools::go()?;
    let component_type = directory.join(BINDINGS).join(GO_COMPONENT_TYPE);
    if !sources(&directory.join(WIT)).are_older_than(&component_type) {
        // Gone with the directory, which has to outlive the command.
        let program = this_program_as_boll().map_err(BuildError::Program)?;
        let mut generate = go(directory);
        generate
            .args(["generate", "./..."])
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
        format(&directory.join(BINDINGS), reporter);
    }
    let begun = Beginning::of(directory, &all, component);
    let module = directory.join(MODULE);
    let mut build = go(directory);
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
        .envs([("GOOS", "wasip1"), ("GOARCH", "wasm")]);
    match succeed(&mut build, "building with `go build`", reporter) {
        Err(RunError::Failed { what, output }) if lacks_an_interface(&output) => {
            let output = output + WHOLE_WORLD;
            return Err(RunError::Failed { what, output }.into());
        }
        done => done?,
    }
    componentize(&module, Some(&component_type), component)?;
    begun.end();
    Ok(false)
}

/// What is said of a world that has not all that the library imports.
const WHOLE_WORLD: &str = "\nThe library `boll` needs every interface of the world `capsule`: let your world say \
                           `include capsule;`. A component imports only those that are called.\n";

/// Returns whether the library imports bindings of an interface that the world does not have.
fn lacks_an_interface(output: &str) -> bool {
    let mut lines = output.lines();
    lines.any(|line| line.contains("package bindings/boll_") && line.contains("is not in std"))
}

/// Has Go's formatter go over the bindings, so that it finds nothing in the project. The component
/// is the same without it.
fn format(bindings: &Path, reporter: &Reporter) {
    let formatted = quietly(go(bindings).args(["fmt", "./..."]), None, reporter);
    if !formatted.is_ok_and(|finished| finished.status.success()) {
        tracing::debug!("the bindings are not formatted");
    }
}

/// Returns a command of Go's in a module. A workspace around it that does not name it would
/// keep it from being built.
fn go(directory: &Path) -> Command {
    let mut go = Command::new("go");
    go.current_dir(directory);
    if env::var_os("GOWORK").is_none() && is_left_out(directory) {
        go.env("GOWORK", "off");
    }
    go
}

/// Returns whether the nearest `go.work` above a module does not use it.
fn is_left_out(directory: &Path) -> bool {
    let mut above = directory.ancestors();
    let Some(root) = above.find(|folder| folder.join("go.work").is_file()) else {
        return false;
    };
    let text = foreign::text(&root.join("go.work")).unwrap_or_default();
    let words = text.lines().flat_map(|line| {
        let line = line.split("//").next().unwrap_or_default();
        line.split_whitespace()
    });
    let used = words.map(|word| root.join(word.trim_matches(['"', '`'])));
    !used
        .filter_map(|folder| folder.canonicalize().ok())
        .any(|folder| folder == directory)
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_workspace_that_does_not_name_the_module_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let module = root.join("some/capsule");
        fs::create_dir_all(&module).unwrap();
        fs::create_dir_all(root.join("other")).unwrap();
        assert!(!is_left_out(&module), "there is none");
        let of = |text: &str| {
            fs::write(root.join("go.work"), text).unwrap();
            is_left_out(&module)
        };
        assert!(of("go 1.25\n\nuse ./other\n"));
        assert!(of("go 1.25\nuse (\n\t./other // ./some/capsule\n)\n"));
        assert!(!of("go 1.25\nuse ./some/capsule\n"));
        assert!(!of("go 1.25\nuse (\n\t./other\n\t\"./some/capsule\"\n)\n"));
    }
}
