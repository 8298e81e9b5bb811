//! `cargo xtask test`: all that the tests need on a fresh machine, and then the tests.
//!
//! `cargo test` installs nothing. What tests need is installed here, by `cargo xtask prepare`:
//! packages of the distribution ([`packages`]), what `boll doctor --fix` installs, and, below the
//! target folder, Go, linters for Python and packages of npm ([`fetched`]).
//!
//! `cargo xtask tools` installs the programs of `tests/tools`, and runs that suite.

#[path = "../../cli/src/toolchain/busy.rs"]
mod busy;
mod command;
#[path = "../../cli/src/doctor/debian.rs"]
mod debian;
mod debian_of;
mod fetched;
mod npm;
mod packages;
mod programs;

use std::env;
use std::error::Error;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::{ExitCode, Stdio};

use command::{cargo, succeed};
use serde_json::Value;

/// What stops the work, to be shown.
type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// What `boll doctor` calls the tools that the tests need, and the packages that bring them. It
/// says which tools are there and new enough.
const TOOLS: [(&str, &[&str]); 3] = [
    ("node", &debian::NODE),
    ("python", &debian::PYTHON),
    ("c compiler", &debian::C),
];

const USAGE: &str = "usage: cargo xtask prepare
       cargo xtask test [OPTIONS OF cargo test]
       cargo xtask tools [--large] [NAME]";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let done = match arguments.split_first() {
        Some((word, [])) if word == "prepare" => prepare(),
        Some((word, rest)) if word == "test" => prepare().and_then(|()| test(rest)),
        Some((word, rest)) if word == "tools" => tools(rest),
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
    let mut missing = packages::missing_of_system();
    let lacks = lacking()?;
    let wanted = TOOLS.iter().filter(|(tool, _)| lacks(tool));
    missing.extend(wanted.flat_map(|(_, packages)| packages.iter().copied()));
    packages::install(missing)?;
    if lacks("go") {
        fetched::go()?;
    }
    let languages = ["rust", "js", "python", "c"].map(|name| ["--lang", name]);
    succeed(doctor().arg("--fix").args(languages.concat()))?;
    fetched::linters()?;
    fetched::npm()
}

fn test(arguments: &[String]) -> Outcome {
    succeed(
        cargo()
            .args(["test", "--release", "--workspace"])
            .args(arguments),
    )
}

/// Runs the programs of one of the two lists, or those whose names have a word in them.
fn tools(arguments: &[String]) -> Outcome {
    let (large, names) = match arguments.split_first() {
        Some((word, rest)) if word == "--large" => (true, rest),
        _ => (false, arguments),
    };
    prepare()?;
    programs::install(large)?;
    let mut run = cargo();
    run.args(["test", "--release", "--workspace", "--test", "tools", "--"]);
    if large {
        run.arg("--ignored");
    }
    succeed(run.args(names))
}

/// Which tools `boll doctor` does not find, or finds too old.
fn lacking() -> Outcome<impl Fn(&str) -> bool> {
    let languages = ["js", "python", "c", "go"].map(|name| ["--lang", name]);
    // Building it takes minutes, which cargo says on standard error.
    let told = doctor()
        .args(["--output", "json"])
        .args(languages.concat())
        .stderr(Stdio::inherit())
        .output()?;
    let findings: Vec<Value> = serde_json::from_slice(&told.stdout)
        .map_err(|error| format!("cannot read what `boll doctor` found: {error}"))?;
    Ok(move |tool: &str| {
        let mut of_tool = findings.iter().filter(|finding| finding["name"] == tool);
        of_tool.any(|finding| {
            let status = finding["status"].as_str();
            matches!(status, Some("missing" | "broken" | "weak"))
        })
    })
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
