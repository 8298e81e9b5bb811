//! Starts programs in the project's folder, with nothing of the cargo that runs this one.

use std::env;
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::{Outcome, root, say};

/// What cargo sets for the program that it runs. Build scripts ask cargo to run them again when it
/// changes: inherited, it would have crates compiled a second time.
const OUTER: [&str; 3] = ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_BIN_"];

/// A command in the project's folder.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if OUTER.iter().any(|start| text.starts_with(start)) {
            command.env_remove(&name);
        }
    }
    command
}

/// The cargo that runs this program.
pub(crate) fn cargo() -> Command {
    command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command, of which one line is said first. It is an error that it fails.
pub(crate) fn succeed(command: &mut Command) -> Outcome {
    let line = line(command);
    say(&format!("== {line}"));
    let status = command
        .status()
        .map_err(|error| format!("cannot start `{line}`: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`{line}` failed: {status}").into())
    }
}

/// Does the same, and gives what the command said on standard error when it failed. That is shown
/// as it comes, line by line.
pub(crate) fn succeed_or_say(command: &mut Command) -> Result<(), (String, String)> {
    let line = line(command);
    say(&format!("== {line}"));
    let silent = |error: io::Error| (format!("cannot run `{line}`: {error}"), String::new());
    let mut child = command.stderr(Stdio::piped()).spawn().map_err(silent)?;
    let mut said = String::new();
    if let Some(stderr) = child.stderr.take() {
        for part in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
            let part = String::from_utf8_lossy(&part);
            say(&part);
            said += &part;
            said.push('\n');
        }
    }
    let status = child.wait().map_err(silent)?;
    match status.success() {
        true => Ok(()),
        false => Err((format!("`{line}` failed: {status}"), said)),
    }
}

/// Whether a command can be run and succeeds. It has no input, and shows no result.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn line(command: &Command) -> String {
    let words = [command.get_program()]
        .into_iter()
        .chain(command.get_args());
    let words: Vec<_> = words.map(OsStr::to_string_lossy).collect();
    words.join(" ")
}
