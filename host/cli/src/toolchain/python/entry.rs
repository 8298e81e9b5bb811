//! The module that componentize-py begins with, so that what Python says names the project's own
//! files.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use serde_json::json;
use tempfile::TempDir;

use super::super::pyproject::PythonCapsule;

/// The name of the module.
pub(super) const MODULE: &str = "boll_entry";

/// What it says of itself in a traceback: componentize-py shows its folder as the first.
const FRAME: &str = "  File \"/0/boll_entry.py\"";

/// A folder with the module. It is removed with this.
pub(super) struct Entry(TempDir);

impl Entry {
    /// Makes the folder for a project.
    pub(super) fn of(capsule: &PythonCapsule) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let folders: Vec<String> = capsule.path.iter().map(|path| prefix(path)).collect();
        // Text and lists of text are the same in Python as in JSON.
        let project = format!(
            "FOLDERS = {}\nMODULE = {}\n",
            json!(folders),
            json!(capsule.module)
        );
        fs::write(folder.path().join("boll_project.py"), project)?;
        let file = folder.path().join(format!("{MODULE}.py"));
        fs::write(file, include_str!("entry.py"))?;
        Ok(Self(folder))
    }

    pub(super) fn folder(&self) -> &Path {
        self.0.path()
    }
}

/// Returns what the paths of files in a folder of the project begin with.
fn prefix(folder: &Path) -> String {
    let plain: PathBuf = folder
        .components()
        .filter(|part| *part != Component::CurDir)
        .collect();
    match plain.as_os_str().is_empty() {
        true => String::new(),
        false => format!("{}/", plain.display()),
    }
}

/// Returns what Python said of the project, out of the output of componentize-py, which reports it as an error of its
/// own.
pub(super) fn of_the_project(output: &str) -> String {
    let Some((_, said)) = output.split_once("\nAssertionError: ") else {
        return output.to_owned();
    };
    let said = said.split("\nCaused by:\n").next().unwrap_or(said);
    let mut kept = String::new();
    let mut is_own = false;
    for line in said.trim_end().lines() {
        // A frame has one line and, indented further, the code and what marks it.
        is_own = line.starts_with(FRAME) || is_own && line.starts_with("    ");
        if !is_own {
            kept += line;
            kept.push('\n');
        }
    }
    kept.truncate(kept.trim_end().len());
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_project() {
        for (folder, expected) in [
            ("src", "src/"),
            ("./src/", "src/"),
            (".", ""),
            ("../lib", "../lib/"),
        ] {
            assert_eq!(prefix(Path::new(folder)), expected);
        }
    }

    #[test]
    fn what_python_said_is_left() {
        let output = "Traceback (most recent call last):\n  File \"/x/.venv/bin/componentize-py\", line 8\n    \
             sys.exit(script())\n\
             AssertionError: Traceback (most recent call last):\n  File \"/0/boll_entry.py\", line 29, in \
             <module>\n    import x\n    ^^^^^^^^\n  File \"src/app.py\", line 2, in <module>\n    x = {}[1]\n\
             KeyError: 1\n\n\nCaused by:\n    KeyError: 1\n";
        assert_eq!(
            of_the_project(output),
            "Traceback (most recent call last):\n  File \"src/app.py\", line 2, in <module>\n    \
             x = {}[1]\nKeyError: 1"
        );
        let other = "thread 'main' panicked: no world";
        assert_eq!(of_the_project(other), other);
    }
}
