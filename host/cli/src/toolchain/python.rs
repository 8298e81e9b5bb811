//! Builds capsules in Python: a virtual environment of the project's own, and componentize-py in it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use boll_host::document::DocumentError;

use super::freshness::Sources;
use super::pyproject::PyProject;
use super::run::{RunError, answer, is_executable, succeed};
use crate::foreign;
use crate::report::reporter::Reporter;

/// The oldest Python that componentize-py installs on.
const OLDEST: (u32, u32) = (3, 9);

/// The project's own virtual environment.
const ENVIRONMENT: &str = ".venv";

/// What is written into the environment when everything is installed: what was asked for.
const INSTALLED: &str = "boll-installed.txt";

const HOW_TO_GET: &str = "install Python 3.9 or newer, with its module venv \
                          (on Debian and Ubuntu: python3 and python3-venv)";

/// Why there is no component.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PythonError {
    /// There is no Python.
    #[error("`python3` is missing: {HOW_TO_GET}")]
    Missing,
    /// Python is too old.
    #[error("{found} is too old: {HOW_TO_GET}")]
    TooOld {
        /// The version that was found.
        found: String,
    },
    /// Python has no module to make environments with.
    #[error("{found} cannot make virtual environments: {HOW_TO_GET}")]
    NoVenv {
        /// The version that was found.
        found: String,
    },
    /// `pyproject.toml` cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A file of the project cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// `pyproject.toml` says something wrong.
    #[error(transparent)]
    Project(#[from] Box<DocumentError>),
    /// A tool failed, or could not be run to its end.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl PythonError {
    /// Whether it is this machine that lacks something.
    pub(super) fn is_missing_tool(&self) -> bool {
        matches!(
            self,
            Self::Missing | Self::TooOld { .. } | Self::NoVenv { .. }
        )
    }
}

/// The version of Python, when it is new enough and makes virtual environments with pip in them.
pub(crate) fn python() -> Result<String, PythonError> {
    let found = answer(Command::new("python3").arg("--version")).ok_or(PythonError::Missing)?;
    if version(&found).is_none_or(|version| version < OLDEST) {
        return Err(PythonError::TooOld { found });
    }
    // Debian has `venv` without what it installs pip from.
    match answer(Command::new("python3").args(["-c", "import ensurepip, venv"])) {
        Some(_) => Ok(found),
        None => Err(PythonError::NoVenv { found }),
    }
}

/// Builds the project in `directory`, an absolute path, unless `component` is newer than all of its sources.
/// Returns whether it was up to date.
pub(super) fn build(
    directory: &Path,
    component: &Path,
    reporter: &Reporter,
) -> Result<bool, PythonError> {
    let path = directory.join("pyproject.toml");
    let text = foreign::text(&path).map_err(|source| PythonError::Read {
        path: path.clone(),
        source,
    })?;
    let project = PyProject::parse(&path.display().to_string(), &text).map_err(Box::new)?;
    let capsule = &project.capsule;
    let sources =
        Sources::of(directory).and(capsule.path.iter().map(|folder| directory.join(folder)));
    if sources.are_older_than(component) {
        return Ok(true);
    }

    let environment = directory.join(ENVIRONMENT);
    install(directory, &environment, &project.requirements, reporter)?;

    // Whole or not at all: half a component would look fresh.
    let unfinished = component.with_extension("unfinished");
    let folder = component.parent().unwrap_or(directory);
    fs::create_dir_all(folder).map_err(|source| PythonError::Write {
        path: folder.to_owned(),
        source,
    })?;
    let mut componentize = Command::new(environment.join("bin/componentize-py"));
    componentize
        .current_dir(directory)
        // The packages that are installed there can be imported, and no others.
        .env("VIRTUAL_ENV", &environment)
        .arg("--wit-path")
        .arg(&capsule.wit)
        .args(["--world", &capsule.world, "componentize"]);
    for folder in &capsule.path {
        componentize.arg("--python-path").arg(folder);
    }
    componentize
        .arg("--output")
        .arg(&unfinished)
        .arg("--")
        .arg(&capsule.module);
    let what = format!("building `{}` with componentize-py", capsule.module);
    succeed(&mut componentize, &what, reporter)?;
    fs::rename(&unfinished, component).map_err(|source| PythonError::Write {
        path: component.to_owned(),
        source,
    })?;
    Ok(false)
}

/// Makes the environment and installs into it, unless the same is installed already.
fn install(
    directory: &Path,
    environment: &Path,
    requirements: &[String],
    reporter: &Reporter,
) -> Result<(), PythonError> {
    let python = environment.join("bin/python3");
    let record = environment.join(INSTALLED);
    let wanted = requirements.join("\n");
    // It runs no more when the Python that it was made from is gone.
    let works = is_executable(&python) && answer(Command::new(&python).arg("--version")).is_some();
    if works && fs::read_to_string(&record).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    if !works {
        python_for_environments(directory, environment, reporter)?;
    }
    let mut pip = Command::new(&python);
    pip.current_dir(directory)
        .args(["-m", "pip", "install", "--disable-pip-version-check", "--"])
        .args(requirements);
    let what = format!("installing {}", requirements.join(" "));
    succeed(&mut pip, &what, reporter)?;
    fs::write(&record, wanted).map_err(|source| PythonError::Write {
        path: record,
        source,
    })
}

fn python_for_environments(
    directory: &Path,
    environment: &Path,
    reporter: &Reporter,
) -> Result<(), PythonError> {
    python()?;
    let mut venv = Command::new("python3");
    venv.current_dir(directory)
        .args(["-m", "venv", "--clear"])
        .arg(environment);
    succeed(&mut venv, "making the virtual environment .venv", reporter)?;
    Ok(())
}

/// The first two numbers of `Python 3.11.7`.
fn version(said: &str) -> Option<(u32, u32)> {
    let mut numbers = said.strip_prefix("Python ")?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_version() {
        assert_eq!(version("Python 3.11.7"), Some((3, 11)));
        assert_eq!(version("Python 3.9.0rc1"), Some((3, 9)));
        assert_eq!(version("python?"), None);
    }
}
