//! Writes the types of the contract, for editors and type checkers. The component has its own.

use std::fs;
use std::io;
use std::path::Path;

use super::super::error::BuildError;
use super::super::file_error::FileError;
use super::super::freshness::Sources;
use super::super::pyproject::PythonCapsule;
use super::super::run::succeed;
use super::componentize_py;
use super::environment::INSTALLED;
use crate::report::reporter::Reporter;

/// A module that every world has, and a file in it.
const SIGN: [&str; 2] = ["wit_world", "__init__.py"];

/// Writes the types into the folder that the project names, unless they are newer than the contract and what
/// writes them.
pub(super) fn write(
    directory: &Path,
    environment: &Path,
    capsule: &PythonCapsule,
    reporter: &Reporter,
) -> Result<(), BuildError> {
    let Some(folder) = &capsule.types else {
        return Ok(());
    };
    let folder = directory.join(folder);
    let made_of = Sources::of(&directory.join(&capsule.wit)).and([
        environment.join(INSTALLED),
        directory.join("pyproject.toml"),
    ]);
    if made_of.are_older_than(
        &SIGN
            .iter()
            .fold(folder.clone(), |path, name| path.join(name)),
    ) {
        return Ok(());
    }
    let fresh = tempfile::tempdir_in(environment).map_err(FileError::write(environment))?;
    let made = fresh.path().join("types");
    let mut bindings = componentize_py(directory, environment, capsule);
    bindings.arg("bindings").arg(&made);
    succeed(&mut bindings, "writing the types of the contract", reporter)?;
    Ok(replace(&made, &folder).map_err(FileError::write(&folder))?)
}

/// Puts what was made in the place of what was made before. Other files stay.
fn replace(made: &Path, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut entries: Vec<_> = fs::read_dir(made)?.collect::<io::Result<_>>()?;
    // What says that all of them are there comes last.
    entries.sort_by_key(|entry| entry.file_name() == SIGN[0]);
    for entry in entries {
        let place = folder.join(entry.file_name());
        match fs::symlink_metadata(&place) {
            Ok(data) if data.is_dir() => fs::remove_dir_all(&place)?,
            Ok(_) => fs::remove_file(&place)?,
            Err(_) => {}
        }
        fs::rename(entry.path(), place)?;
    }
    Ok(())
}
