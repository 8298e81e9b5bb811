//! Builds capsules in Python: a virtual environment of the project's own, and componentize-py in it.

mod entry;
mod environment;
mod syntax;
mod types;

use std::fs;
use std::path::Path;
use std::process::Command;

use entry::Entry;

use super::built_from::{Beginning, is_up_to_date};
use super::error::BuildError;
use super::file_error::FileError;
use super::freshness::Sources;
use super::pyproject::{PyProject, PythonCapsule};
use super::run::{RunError, succeed};
use crate::foreign;
use crate::report::reporter::Reporter;

/// The project's own virtual environment.
const ENVIRONMENT: &str = ".venv";

/// Builds the project in `directory`, an absolute path, unless `component` is newer than all of its sources.
/// Returns whether it was up to date.
pub(super) fn build(
    directory: &Path,
    component: &Path,
    reporter: &Reporter,
) -> Result<bool, BuildError> {
    let path = directory.join("pyproject.toml");
    let text = foreign::text(&path).map_err(FileError::read(&path))?;
    let project = PyProject::parse(&path.display().to_string(), &text).map_err(Box::new)?;
    let capsule = &project.capsule;
    let sources =
        Sources::of(directory).and(capsule.path.iter().map(|folder| directory.join(folder)));
    if is_up_to_date(directory, &sources, component) {
        return Ok(true);
    }

    let environment = directory.join(ENVIRONMENT);
    environment::install(directory, &environment, &project.requirements, reporter)?;
    syntax::check(directory, &environment, capsule, reporter)?;
    types::write(directory, &environment, capsule, reporter)?;

    let begun = Beginning::of(directory, &sources, component);
    // Whole or not at all: half a component would look fresh.
    let unfinished = component.with_extension("unfinished");
    let folder = component.parent().unwrap_or(directory);
    fs::create_dir_all(folder).map_err(FileError::write(folder))?;
    // Gone with its folder, which has to outlive the command.
    let entry = Entry::of(capsule).map_err(BuildError::PythonEntry)?;
    let mut componentize = componentize_py(directory, &environment, capsule);
    componentize.arg("componentize");
    componentize.arg("--python-path").arg(entry.folder());
    for folder in &capsule.path {
        componentize.arg("--python-path").arg(folder);
    }
    componentize
        .arg("--output")
        .arg(&unfinished)
        .arg("--")
        .arg(entry::MODULE);
    let what = format!("building `{}` with componentize-py", capsule.module);
    match succeed(&mut componentize, &what, reporter) {
        Err(RunError::Failed { what, output }) => {
            let output = entry::of_the_project(&output);
            return Err(RunError::Failed { what, output }.into());
        }
        done => done?,
    }
    fs::rename(&unfinished, component).map_err(FileError::write(component))?;
    begun.end();
    Ok(false)
}

/// Returns a command of componentize-py's for the project's world.
fn componentize_py(directory: &Path, environment: &Path, capsule: &PythonCapsule) -> Command {
    let mut command = Command::new(environment.join("bin/componentize-py"));
    command
        .current_dir(directory)
        // The packages that are installed there can be imported, and no others.
        .env("VIRTUAL_ENV", environment)
        // Its own errors would come with the addresses of its functions.
        .env_remove("RUST_BACKTRACE")
        .env_remove("RUST_LIB_BACKTRACE")
        .arg("--wit-path")
        .arg(&capsule.wit)
        .args(["--world", &capsule.world]);
    command
}
