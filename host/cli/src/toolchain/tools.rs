//! The programs that build capsules in languages other than Rust: which versions can, and
//! how to get them.

use std::process::Command;

use super::run::{answer, find_program};

/// A program, with its oldest version that can build capsules.
struct Tool {
    program: &'static str,
    /// The arguments that make it print its version.
    question: &'static [&'static str],
    /// The text that it prints before the numbers.
    prefix: &'static str,
    oldest: (u32, u32),
    /// The name to show before the version, unless the program prints it.
    shown: &'static str,
    how_to_get: &'static str,
}

const NODE: Tool = Tool {
    program: "node",
    question: &["--version"],
    prefix: "v",
    oldest: (18, 0),
    shown: "Node.js ",
    how_to_get: "install Node.js 18 or newer, with npm",
};

const PYTHON: Tool = Tool {
    program: "python3",
    question: &["--version"],
    prefix: "Python ",
    oldest: (3, 9),
    shown: "",
    how_to_get: "install Python 3.9 or newer, with its module venv (on Debian and Ubuntu: \
                 python3 and python3-venv)",
};

const GO: Tool = Tool {
    program: "go",
    question: &["env", "GOVERSION"],
    prefix: "go",
    oldest: (1, 25),
    shown: "",
    how_to_get: "install Go 1.25 or newer, from https://go.dev/dl",
};

/// A tool is missing, or cannot build capsules.
#[derive(Debug, thiserror::Error)]
#[error("{problem}: {how_to_get}")]
pub(crate) struct MissingTool {
    pub(super) problem: String,
    pub(super) how_to_get: &'static str,
}

impl Tool {
    fn missing(&self, problem: String) -> MissingTool {
        MissingTool {
            problem,
            how_to_get: self.how_to_get,
        }
    }

    /// Returns what the program prints as its version, if that is new enough.
    fn version(&self) -> Result<String, MissingTool> {
        let found = answer(Command::new(self.program).args(self.question));
        let found = found.ok_or_else(|| self.missing(is_missing(self.program)))?;
        match self.numbers(&found) {
            Some(numbers) if numbers >= self.oldest => Ok(found),
            _ => Err(self.missing(format!("{}{found} is too old", self.shown))),
        }
    }

    /// Returns the first two numbers of a version.
    fn numbers(&self, found: &str) -> Option<(u32, u32)> {
        let rest = found.strip_prefix(self.prefix)?;
        let mut numbers = rest.split(|one: char| !one.is_ascii_digit());
        Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
    }
}

fn is_missing(program: &str) -> String {
    format!("`{program}` is missing")
}

/// Returns the version of Node.js, if it can be used, and npm as well.
pub(crate) fn node() -> Result<String, MissingTool> {
    let version = NODE.version()?;
    match find_program("npm") {
        Some(_) => Ok(version),
        None => Err(NODE.missing(is_missing("npm"))),
    }
}

/// Returns the version of Python, if it can be used, and makes environments with pip.
pub(crate) fn python() -> Result<String, MissingTool> {
    let version = PYTHON.version()?;
    // Debian has `venv` without what it installs pip from.
    match answer(Command::new(PYTHON.program).args(["-c", "import ensurepip, venv"])) {
        Some(_) => Ok(version),
        None => Err(PYTHON.missing(format!("{version} cannot make virtual environments"))),
    }
}

/// Returns the version of Go, if it can be used.
pub(crate) fn go() -> Result<String, MissingTool> {
    GO.version()
}

/// Checks that make is installed.
pub(crate) fn make() -> Result<(), MissingTool> {
    match find_program("make") {
        Some(_) => Ok(()),
        None => Err(MissingTool {
            problem: is_missing("make"),
            how_to_get: "install the package `make` of your system",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_version() {
        for (tool, found, numbers) in [
            (&GO, "go1.27.3", Some((1, 27))),
            (&GO, "go1.25rc1", Some((1, 25))),
            (&GO, "go1.26-custom", Some((1, 26))),
            (&GO, "devel", None),
            (&PYTHON, "Python 3.11.7", Some((3, 11))),
            (&PYTHON, "Python 3.9.0rc1", Some((3, 9))),
            (&PYTHON, "python?", None),
            (&NODE, "v20.20.2", Some((20, 20))),
            (&NODE, "unknown", None),
        ] {
            assert_eq!(tool.numbers(found), numbers, "{found}");
        }
    }
}
