//! `cargo xtask test`: all that the tests need on a fresh machine, and then the tests.
//!
//! `cargo test` installs nothing. What tests need is installed here, by `cargo xtask prepare`:
//! packages of the distribution ([`packages`]), what `boll doctor --fix` installs, and, below the
//! target folder, Go and packages of npm ([`fetched`]).

mod command;
mod fetched;
mod packages;

use std::env;
use std::error::Error;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use command::{cargo, succeed, succeeds};

/// What stops the work, to be shown.
type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// The languages whose tools the tests need, beside C and Go.
const LANGUAGES: [&str; 6] = ["--lang", "rust", "--lang", "js", "--lang", "python"];

const USAGE: &str = "usage: cargo xtask prepare
       cargo xtask test [OPTIONS OF cargo test]";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let done = match arguments.split_first() {
        Some((word, [])) if word == "prepare" => prepare(),
        Some((word, rest)) if word == "test" => prepare().and_then(|()| test(rest)),
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn prepare() -> Outcome {
    packages::install(&packages::missing())?;
    succeed(doctor().arg("--fix").args(LANGUAGES))?;
    if !succeeds(doctor().args(["--lang", "c", "--quiet"])) {
        packages::install(&packages::C)?;
        succeed(doctor().args(["--lang", "c"]))?;
    }
    fetched::go()?;
    fetched::npm()
}

fn test(arguments: &[String]) -> Outcome {
    succeed(
        cargo()
            .args(["test", "--release", "--workspace"])
            .args(arguments),
    )
}

/// `boll doctor`, of this checkout.
fn doctor() -> std::process::Command {
    let mut doctor = cargo();
    doctor.args(["run", "--release", "--", "doctor"]);
    doctor
}

/// The folder of the whole project.
fn root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root.pop();
    root
}

/// Says one line. A closed standard error is no reason to stop.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
