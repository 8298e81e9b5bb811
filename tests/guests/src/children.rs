//! The action `children`: any sequence of what `boll:process/children` and
//! `boll:process/streams` have, in steps.
//!
//! The payload is a list of steps; the answer is a list with a result for
//! each, `{"ok": ..}` or `{"err": ..}` in WIT's own words. An error without a
//! value is its name, one with a value is an object: `"wrong-stream"`,
//! `{"too-large": 9}`. All children and streams are dropped at the end.
//!
//! A step is an object. `do` says what to do, and `child` names the child,
//! `"child"` unless given. Times are in milliseconds.
//!
//! | `do` | with | `ok` |
//! |---|---|---|
//! | `spawn` | `command`, as for the action `run` | `null` |
//! | `attach` | `id`, or `of`: the name of a child that told its id | `null` |
//! | `id` | | the id |
//! | `detach` | | the id |
//! | `list` | | summaries |
//! | `drop` | | `null` |
//! | `write` | `text`, or so many `bytes` of `x`; `timeout_ms` = 10,000 | how many were taken |
//! | `close-stdin` | | `null` |
//! | `read` | `channel` = `stdout`, `cursor` = where the last read of it ended, `max` = 65,536, `timeout_ms` = 10,000 | a chunk |
//! | `read-until` | `channel`, `cursor`, `text`, `timeout_ms` | a chunk up to the text, with `found` |
//! | `status` | | `phase`, `exit`, `cpu_ms`, `peak_memory` |
//! | `wait` | `timeout_ms`, without end unless given | an exit, or `null` |
//! | `signal` | `signal` | `null` |
//! | `stop` | `grace_ms` | an exit |
//! | `kill` | | an output, as of `run` |
//! | `sleep` | `ms` | `null` |
//!
//! A chunk has `text`, `len` and `sum` (of the bytes' values), `next`,
//! `dropped` and `eof`. With `quiet` = true, `read-until` leaves the text out,
//! and so can read more than an answer holds.
//!
//! With the streams of a child, where `end` is `stdin`, `stdout` or `stderr`:
//!
//! | `do` | with | `ok` |
//! |---|---|---|
//! | `take-stream` | `end` | `null` |
//! | `write-stream` | `text` or `bytes`; `timeout_ms` = 10,000 | how many were taken |
//! | `read-stream` | `end` = `stdout`, `max` = 65,536, `blocking` = true | `text`, `len`, `sum` |
//! | `drain-stream` | `end` = `stdout`, `max` of one read = 65,536 | `len` and `sum` of all up to the end |
//! | `drop-stream` | `end` | `null` |
//! | `poll` | `on`: a list of ends and `exited`; `timeout_ms` = 10,000 | those that are ready, none when the time passed |
//!
//! Errors of streams are `"closed"` and `{"last-operation-failed": text}`.
//! Using a child or a stream that is not there is a fault of the test, and
//! traps.

use crate::command::Description;
use serde::Deserialize;

/// One step, as a test describes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    not(target_family = "wasm"),
    expect(dead_code, reason = "read in a component")
)]
pub struct Step {
    #[serde(rename = "do")]
    action: Action,
    #[serde(default = "child")]
    child: String,
    command: Option<Description>,
    id: Option<String>,
    of: Option<String>,
    text: Option<String>,
    bytes: Option<usize>,
    #[serde(default)]
    quiet: bool,
    #[serde(default)]
    channel: Channel,
    cursor: Option<u64>,
    max: Option<u32>,
    timeout_ms: Option<u32>,
    grace_ms: Option<u32>,
    signal: Option<Signal>,
    ms: Option<u64>,
    end: Option<End>,
    #[serde(default = "yes")]
    blocking: bool,
    #[serde(default)]
    on: Vec<On>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Action {
    Spawn,
    Attach,
    Id,
    Detach,
    List,
    Drop,
    Write,
    CloseStdin,
    Read,
    ReadUntil,
    Status,
    Wait,
    Signal,
    Stop,
    Kill,
    Sleep,
    TakeStream,
    WriteStream,
    ReadStream,
    DrainStream,
    DropStream,
    Poll,
}

#[derive(Clone, Copy, Default, Deserialize, PartialEq, Eq, Hash)]
#[serde(rename_all = "kebab-case")]
enum Channel {
    #[default]
    Stdout,
    Stderr,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq, Hash)]
#[serde(rename_all = "kebab-case")]
enum End {
    Stdin,
    Stdout,
    Stderr,
}

#[derive(Clone, Copy, Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
enum On {
    Exited,
    Stdin,
    Stdout,
    Stderr,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Signal {
    Hangup,
    Interrupt,
    Quit,
    Kill,
    User1,
    User2,
    Terminate,
    Continue,
    Stop,
    WindowChange,
}

fn child() -> String {
    "child".to_owned()
}

fn yes() -> bool {
    true
}

#[cfg(target_family = "wasm")]
pub(crate) use steps::take;

/// Only a component can have raw bindings.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn take(_: Vec<Step>) -> serde_json::Value {
    serde_json::Value::Null
}

#[cfg(target_family = "wasm")]
mod steps;
#[cfg(target_family = "wasm")]
mod streams;
#[cfg(target_family = "wasm")]
mod values;
