//! Starts programs in the project's folder, with nothing of the cargo that runs this one.

use std::env;
use std::ffi::OsStr;
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
