//! Short ways to drive children.

use crate::check::{Checked, failed, good};
use crate::children::{Channel, Child, spawn};
use crate::command::sh;
use crate::process::{Command, Input};
use crate::say::marker;

/// Far longer than anything should take, in milliseconds.
pub const PATIENCE: u32 = 20_000;

/// A script that reads what is written to it.
pub fn piped(script: &str) -> Command {
    Command {
        stdin: Input::Pipe,
        ..sh(script)
    }
}

/// Starts a child that must start.
///
/// # Errors
///
/// It does not.
pub fn spawned(command: &Command) -> Checked<Child> {
    good("spawn", spawn(command))
}

/// Reads a ring from the beginning until it ends with a text.
///
/// # Errors
///
/// The stream ends before, or nothing more comes.
pub fn read_until(child: &Child, channel: Channel, text: &str) -> Checked<String> {
    let (mut read, mut cursor) = (Vec::new(), 0);
    loop {
        let chunk = child.read(channel, cursor, 65_536, PATIENCE);
        let chunk = good("read", chunk)?;
        let is_over = chunk.eof || chunk.bytes.is_empty();
        read.extend(chunk.bytes);
        cursor = chunk.next;
        let so_far = String::from_utf8_lossy(&read);
        if so_far.ends_with(text) {
            return Ok(so_far.into_owned());
        }
        if is_over {
            return Err(failed("read", format!("it ends with {text:?}"), &so_far));
        }
    }
}

/// A child that does not want to go: while it is made to, its call is not over.
///
/// # Errors
///
/// It does not start.
pub fn stubborn() -> Checked<Child> {
    let marker = marker();
    let script = format!("trap '' INT TERM; echo up; while :; do sleep {marker}; done");
    let child = spawned(&piped(&script))?;
    read_until(&child, Channel::Stdout, "up\n")?;
    Ok(child)
}
