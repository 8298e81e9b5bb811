//! Children that run beside a capsule, with real guests and real processes.
//! What a guest does is written in the steps of `tests/guests/src/children.rs`.

mod detaching;
mod driving;
mod ends;
mod imports;
mod limits;
mod mixing;
mod rings;
mod streams;
mod through_sdk;

use serde_json::{Value, json};

use crate::bench::{Bench, Setup, sh};

/// A runtime whose guests may start this program, which may write to the
/// workspace.
fn writing(program: &str) -> Setup {
    Bench::setup()
        .manifest(&format!(
            "[[process]]\nprogram = \"{program}\"\nworkspace = \"read-write\""
        ))
        .grant(&format!("process:{program}"))
        .grant("workspace:write")
}

/// A step that starts a script whose input is a pipe.
fn spawn_sh(script: &str) -> Value {
    let mut command = sh(script);
    command["stdin_pipe"] = true.into();
    json!({"do": "spawn", "command": command})
}

/// The same with another way to keep its standard output.
fn spawn_sh_kept(script: &str, stdout: &str) -> Value {
    let mut step = spawn_sh(script);
    step["command"]["stdout"] = stdout.into();
    step
}

/// The same child under another name.
fn named(mut step: Value, child: &str) -> Value {
    step["child"] = child.into();
    step
}

/// A step without anything but its name.
fn step(action: &str) -> Value {
    json!({ "do": action })
}

/// A step that waits until the child has written this to standard output.
fn until_said(text: &str) -> Value {
    json!({"do": "read-until", "text": text})
}

/// The exit of a program that ended by itself.
fn code(code: u8) -> Value {
    json!({"status": {"code": code}, "cause": "own"})
}

/// The exit of a program that was ended by a signal which its capsule sent.
fn signalled(signal: u8) -> Value {
    json!({"status": {"signal": signal}, "cause": "requested"})
}
