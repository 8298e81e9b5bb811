//! Calls to `boll:process/process`.

use crate::bindings::boll::process::process as raw;
use crate::process::{
    Cause, Command, Ends, Error, ExitStatus, Input, Keep, LaunchStep, LimitKind, Output,
};
use std::time::Duration;

pub(crate) fn run(command: &Command, ends: Ends<'_>) -> Result<Output, Error> {
    let output = raw::run(&lower(command, ends)).map_err(error)?;
    lift(output).map_err(|failure| Error::LaunchFailed {
        step: step(failure.step),
        errno: failure.errno,
        message: failure.message,
    })
}

pub(super) fn lift(output: raw::Output) -> Result<Output, raw::LaunchFailure> {
    Ok(Output {
        status: status(output.exit)?,
        stdout: output.stdout.bytes,
        stdout_dropped: output.stdout.dropped,
        stderr: output.stderr.bytes,
        stderr_dropped: output.stderr.dropped,
        elapsed: Duration::from_millis(output.elapsed_ms),
    })
}

pub(super) fn status(exit: raw::Exit) -> Result<ExitStatus, raw::LaunchFailure> {
    let cause = cause(exit.cause);
    match exit.status {
        raw::ExitStatus::Code(code) => Ok(ExitStatus::from_code(code, cause)),
        raw::ExitStatus::Signal(signal) => Ok(ExitStatus::from_signal(signal, cause)),
        raw::ExitStatus::LaunchFailed(failure) => Err(failure),
    }
}

pub(super) fn lower(command: &Command, ends: Ends<'_>) -> raw::Command {
    let [stdout, stderr] = [ends.stdout, ends.stderr].map(|keep| match keep {
        Keep::Null => raw::Keep::Null,
        Keep::Log => raw::Keep::Log,
        Keep::Ring(bytes) => raw::Keep::Ring(bytes),
        Keep::Stream => raw::Keep::Stream,
    });
    let limits = command.get_limits();
    let env = command.get_envs().iter();
    raw::Command {
        program: command.get_program().to_owned(),
        args: command.get_args().to_vec(),
        cwd: command.get_current_dir().map(str::to_owned),
        env: env
            .map(|(name, value)| raw::Variable {
                name: name.clone(),
                value: value.clone(),
            })
            .collect(),
        stdin: match ends.stdin {
            Input::Null => raw::Input::Null,
            Input::Bytes(bytes) => raw::Input::Bytes(bytes.to_vec()),
            Input::Pipe => raw::Input::Pipe,
        },
        stdout,
        stderr,
        limits: raw::Limits {
            memory: limits.memory,
            cpu_seconds: limits.cpu_seconds,
            pids: limits.pids,
            open_files: limits.open_files,
            file_size: limits.file_size,
        },
        deadline_ms: command.get_timeout().map(milliseconds),
        label: command.get_label().map(str::to_owned),
    }
}

/// Whole milliseconds, rounded up: a short timeout is not none.
pub(super) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

fn cause(cause: raw::Cause) -> Cause {
    match cause {
        raw::Cause::Own => Cause::Own,
        raw::Cause::Requested => Cause::Requested,
        raw::Cause::Cancelled => Cause::Cancelled,
        raw::Cause::TimedOut => Cause::TimedOut,
        raw::Cause::Limit(kind) => Cause::Limit(match kind {
            raw::LimitKind::Memory => LimitKind::Memory,
            raw::LimitKind::CpuSeconds => LimitKind::CpuSeconds,
            raw::LimitKind::Pids => LimitKind::Pids,
            raw::LimitKind::FileSize => LimitKind::FileSize,
        }),
        raw::Cause::Shutdown => Cause::Shutdown,
    }
}

pub(super) fn step(step: raw::LaunchStep) -> LaunchStep {
    match step {
        raw::LaunchStep::Sandbox => LaunchStep::Sandbox,
        raw::LaunchStep::Cwd => LaunchStep::CurrentDir,
        raw::LaunchStep::Limits => LaunchStep::Limits,
        raw::LaunchStep::Filter => LaunchStep::Filter,
        raw::LaunchStep::Exec => LaunchStep::Exec,
    }
}

pub(super) fn error(error: raw::Error) -> Error {
    match error {
        raw::Error::Denied(denial) => Error::Denied {
            capability: denial.capability,
            reason: denial.reason,
        },
        raw::Error::Invalid(text) => Error::Invalid(text),
        raw::Error::NotFound(text) => Error::NotFound(text),
        raw::Error::NotExecutable(text) => Error::NotExecutable(text),
        raw::Error::BadCwd(text) => Error::BadCurrentDir(text),
        raw::Error::TooLarge(size) => Error::TooLarge {
            what: size.what,
            limit: size.limit,
            actual: size.actual,
        },
        raw::Error::UnsupportedLimit(text) => Error::UnsupportedLimit(text),
        raw::Error::SandboxUnavailable(text) => Error::SandboxUnavailable(text),
        raw::Error::TooMany(limit) => Error::TooMany(limit),
        raw::Error::Cancelled => Error::Cancelled,
        raw::Error::ShuttingDown => Error::ShuttingDown,
        raw::Error::Host(text) => Error::Host(text),
    }
}
