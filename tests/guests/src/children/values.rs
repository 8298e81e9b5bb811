//! What `boll:process/children` gives, in JSON.

use super::{Channel, Signal};
use crate::bindings::boll::process::children as raw;
use crate::command::exit;
use serde_json::{Value, json};

/// A result in WIT's words.
pub(super) fn result<E>(
    result: Result<impl Into<Value>, E>,
    error: impl FnOnce(E) -> Value,
) -> Value {
    match result {
        Ok(value) => json!({ "ok": value.into() }),
        Err(err) => json!({ "err": error(err) }),
    }
}

pub(super) fn error(error: raw::Error) -> Value {
    match error {
        raw::Error::UnknownChild => json!("unknown-child"),
        raw::Error::WrongStream => json!("wrong-stream"),
        raw::Error::Closed => json!("closed"),
        raw::Error::TooLarge(limit) => json!({ "too-large": limit }),
        raw::Error::Cancelled => json!("cancelled"),
        raw::Error::ShuttingDown => json!("shutting-down"),
        raw::Error::Host(text) => json!({ "host": text }),
    }
}

pub(super) fn bytes(bytes: &[u8]) -> Value {
    json!({
        "text": String::from_utf8_lossy(bytes),
        "len": bytes.len(),
        "sum": sum(bytes),
    })
}

pub(super) fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte)).sum()
}

pub(super) fn chunk(chunk: &raw::Chunk) -> Value {
    let mut value = bytes(&chunk.bytes);
    value["next"] = chunk.next.into();
    value["dropped"] = chunk.dropped.into();
    value["eof"] = chunk.eof.into();
    value
}

pub(super) fn status(status: &raw::Status) -> Value {
    json!({
        "phase": phase(status.phase),
        "exit": status.exit.as_ref().map(exit),
        "cpu_ms": status.cpu_ms,
        "peak_memory": status.peak_memory,
    })
}

pub(super) fn summary(summary: raw::Summary) -> Value {
    json!({
        "id": summary.id,
        "label": summary.label,
        "program": summary.program,
        "phase": phase(summary.phase),
        "detached": summary.detached,
        "started_at_ms": summary.started_at_ms,
    })
}

fn phase(phase: raw::Phase) -> &'static str {
    match phase {
        raw::Phase::Starting => "starting",
        raw::Phase::Running => "running",
        raw::Phase::Exited => "exited",
    }
}

pub(super) fn channel(channel: Channel) -> raw::Channel {
    match channel {
        Channel::Stdout => raw::Channel::Stdout,
        Channel::Stderr => raw::Channel::Stderr,
    }
}

pub(super) fn signal(signal: Signal) -> raw::Signal {
    match signal {
        Signal::Hangup => raw::Signal::Hangup,
        Signal::Interrupt => raw::Signal::Interrupt,
        Signal::Quit => raw::Signal::Quit,
        Signal::Kill => raw::Signal::Kill,
        Signal::User1 => raw::Signal::User1,
        Signal::User2 => raw::Signal::User2,
        Signal::Terminate => raw::Signal::Terminate,
        Signal::Continue => raw::Signal::Continue,
        Signal::Stop => raw::Signal::Stop,
        Signal::WindowChange => raw::Signal::WindowChange,
    }
}
