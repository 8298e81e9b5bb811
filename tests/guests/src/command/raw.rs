//! `boll:process/process` through the tests' own bindings, in JSON.

use super::Description;
use crate::bindings::boll::process::process as raw;
use serde_json::{Value, json};

pub(crate) fn run(description: Description) -> Value {
    match raw::run(&lower(description)) {
        Ok(output) => json!({ "ok": output_value(&output) }),
        Err(error) => json!({ "err": error_value(error) }),
    }
}

/// Runs a command with so many arguments that are all the same megabyte.
#[allow(unsafe_code)]
pub(crate) fn pass(description: Description, texts: usize) {
    let mut text = std::mem::ManuallyDrop::new("x".repeat(1 << 20));
    let (start, len) = (text.as_mut_ptr(), text.len());
    let mut command = lower(description);
    command.args = (0..texts)
        // SAFETY: nothing writes or drops any of them; they are forgotten below.
        .map(|_| unsafe { String::from_raw_parts(start, len, len) })
        .collect();
    drop(raw::run(&command).map(|_| ()));
    std::mem::forget(command);
}

pub(crate) fn lower(description: Description) -> raw::Command {
    let env = description.env.into_iter();
    let limits = description.limits;
    raw::Command {
        program: description.program,
        args: description.args,
        cwd: description.cwd,
        env: env
            .map(|(name, value)| raw::Variable { name, value })
            .collect(),
        stdin: if description.stdin_pipe {
            raw::Input::Pipe
        } else if let Some(bytes) = description.stdin_bytes {
            raw::Input::Bytes(vec![b'x'; bytes])
        } else if let Some(text) = description.stdin {
            raw::Input::Bytes(text.into_bytes())
        } else {
            raw::Input::Null
        },
        stdout: keep(&description.stdout),
        stderr: keep(&description.stderr),
        limits: raw::Limits {
            memory: limits.memory,
            cpu_seconds: limits.cpu_seconds,
            pids: limits.pids,
            open_files: limits.open_files,
            file_size: limits.file_size,
        },
        deadline_ms: description.timeout_ms,
        label: description.label,
    }
}

fn keep(text: &str) -> raw::Keep {
    match text {
        "null" => raw::Keep::Null,
        "log" => raw::Keep::Log,
        "stream" => raw::Keep::Stream,
        ring => match ring.strip_prefix("ring:").map(str::parse) {
            Some(Ok(bytes)) => raw::Keep::Ring(bytes),
            _ => panic!("`{text}` is none of `ring:N`, `null`, `log`, `stream`"),
        },
    }
}

pub(crate) fn output_value(output: &raw::Output) -> Value {
    json!({
        "exit": exit(&output.exit),
        "stdout": captured(&output.stdout),
        "stderr": captured(&output.stderr),
        "elapsed_ms": output.elapsed_ms,
    })
}

pub(crate) fn exit(exit: &raw::Exit) -> Value {
    json!({ "status": status(&exit.status), "cause": cause(&exit.cause) })
}

fn captured(captured: &raw::Captured) -> Value {
    json!({
        "text": String::from_utf8_lossy(&captured.bytes),
        "len": captured.bytes.len(),
        "dropped": captured.dropped,
    })
}

fn status(status: &raw::ExitStatus) -> Value {
    match status {
        raw::ExitStatus::Code(code) => json!({ "code": code }),
        raw::ExitStatus::Signal(signal) => json!({ "signal": signal }),
        raw::ExitStatus::LaunchFailed(failure) => json!({ "launch-failed": {
            "step": match failure.step {
                raw::LaunchStep::Sandbox => "sandbox",
                raw::LaunchStep::Cwd => "cwd",
                raw::LaunchStep::Limits => "limits",
                raw::LaunchStep::Filter => "filter",
                raw::LaunchStep::Exec => "exec",
            },
            "errno": failure.errno,
            "message": failure.message,
        }}),
    }
}

fn cause(cause: &raw::Cause) -> Value {
    match cause {
        raw::Cause::Own => json!("own"),
        raw::Cause::Requested => json!("requested"),
        raw::Cause::Cancelled => json!("cancelled"),
        raw::Cause::TimedOut => json!("timed-out"),
        raw::Cause::Limit(kind) => json!({ "limit": match kind {
            raw::LimitKind::Memory => "memory",
            raw::LimitKind::CpuSeconds => "cpu-seconds",
            raw::LimitKind::Pids => "pids",
            raw::LimitKind::FileSize => "file-size",
        }}),
        raw::Cause::Shutdown => json!("shutdown"),
    }
}

/// The variant's name in WIT, with what it carries.
pub(crate) fn error_value(error: raw::Error) -> Value {
    match error {
        raw::Error::Denied(denial) => json!({ "denied": {
            "capability": denial.capability,
            "reason": denial.reason,
        }}),
        raw::Error::Invalid(text) => json!({ "invalid": text }),
        raw::Error::NotFound(text) => json!({ "not-found": text }),
        raw::Error::NotExecutable(text) => json!({ "not-executable": text }),
        raw::Error::BadCwd(text) => json!({ "bad-cwd": text }),
        raw::Error::TooLarge(size) => json!({ "too-large": {
            "what": size.what,
            "limit": size.limit,
            "actual": size.actual,
        }}),
        raw::Error::UnsupportedLimit(text) => json!({ "unsupported-limit": text }),
        raw::Error::SandboxUnavailable(text) => json!({ "sandbox-unavailable": text }),
        raw::Error::TooMany(limit) => json!({ "too-many": limit }),
        raw::Error::Cancelled => json!("cancelled"),
        raw::Error::ShuttingDown => json!("shutting-down"),
        raw::Error::Host(text) => json!({ "host": text }),
    }
}
