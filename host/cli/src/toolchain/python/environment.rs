//! The virtual environment of a project in Python, with the packages that it needs.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use super::super::error::BuildError;
use super::super::file_error::FileError;
use super::super::run::{answer, is_executable, succeed};
use super::super::tools;
use crate::report::reporter::Reporter;

/// The file in the environment that lists the requirements, once all of them are installed.
pub(super) const INSTALLED: &str = "boll-installed.txt";

/// The file in the environment as long as it is being made, or packages are being installed.
const UNFINISHED: &str = "boll-unfinished.txt";
const MAKING: &str = "the environment is being made";
const INSTALLING: &str = "packages are being installed";

/// Creates the environment and installs into it, unless the same is installed already. What was
/// interrupted is done again.
pub(super) fn install(
    directory: &Path,
    environment: &Path,
    requirements: &[String],
    reporter: &Reporter,
) -> Result<(), BuildError> {
    let python = environment.join("bin/python3");
    let record = environment.join(INSTALLED);
    let unfinished = environment.join(UNFINISHED);
    // Its programs name its path: one that was moved with its project is made again.
    let place = format!("# {}", environment.display());
    let wanted = format!("{place}\n{}", requirements.join("\n"));
    let recorded = fs::read_to_string(&record).unwrap_or_default();
    let is_moved = recorded.starts_with("# ") && !recorded.starts_with(&format!("{place}\n"));
    let begun = fs::read_to_string(&unfinished).ok();
    // It runs no more when the Python that it was made from is gone.
    let works = !is_moved
        && begun.as_deref() != Some(MAKING)
        && is_executable(&python)
        && answer(Command::new(&python).args(["-m", "pip", "--version"])).is_some();
    if works && begun.is_none() && recorded == wanted {
        return Ok(());
    }
    if !works {
        python_for_environments(directory, environment, reporter)?;
    }
    let begin = fs::write(&unfinished, INSTALLING);
    begin.map_err(FileError::write(&unfinished))?;
    let mut pip = Command::new(&python);
    pip.current_dir(directory)
        .args(["-m", "pip", "install", "--disable-pip-version-check"]);
    if begun.is_some() {
        // A package that was interrupted looks installed to pip.
        pip.arg("--force-reinstall");
    }
    pip.arg("--").args(requirements);
    let what = format!("installing {}", requirements.join(" "));
    succeed(&mut pip, &what, reporter)?;
    fs::write(&record, wanted).map_err(FileError::write(&record))?;
    Ok(fs::remove_file(&unfinished).map_err(FileError::write(&unfinished))?)
}

/// Makes a new environment, in the place of one that is there.
fn python_for_environments(
    directory: &Path,
    environment: &Path,
    reporter: &Reporter,
) -> Result<(), BuildError> {
    tools::python()?;
    let unfinished = environment.join(UNFINISHED);
    // `--clear` would remove the file that says that it is not finished.
    empty(environment)
        .and_then(|()| fs::write(&unfinished, MAKING))
        .map_err(FileError::write(environment))?;
    let mut venv = Command::new("python3");
    venv.current_dir(directory)
        .args(["-m", "venv"])
        .arg(environment);
    succeed(&mut venv, "making the virtual environment .venv", reporter)?;
    Ok(())
}

/// Makes a folder, and removes all that is in it.
fn empty(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => fs::remove_dir_all(entry.path())?,
            false => fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}
