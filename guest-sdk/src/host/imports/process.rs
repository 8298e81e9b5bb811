//! Calls to `boll:process/process`.

use crate::bindings::boll::process::process as raw;
use crate::process::{
    Cause, Command, Error, ExitStatus, Keep, LaunchStep, LimitKind, Output, Stdio,
};
use std::time::Duration;

pub(crate) fn run(command: &Command, unset: Stdio) -> Result<Output, Error> {
    let output = raw::run(&lower(command, unset)).map_err(error)?;
    let cause = cause(output.exit.cause);
    let status = match output.exit.status {
        raw::ExitStatus::Code(code) => ExitStatus::from_code(code, cause),
        raw::ExitStatus::Signal(signal) => ExitStatus::from_signal(signal, cause),
        raw::ExitStatus::LaunchFailed(failure) => {
            return Err(Error::LaunchFailed {
                step: step(failure.step),
                errno: failure.errno,
                message: failure.message,
            });
        }
    };
    Ok(Output {
        status,
        stdout: output.stdout.bytes,
        stdout_dropped: output.stdout.dropped,
        stderr: output.stderr.bytes,
        stderr_dropped: output.stderr.dropped,
        elapsed: Duration::from_millis(output.elapsed_ms),
    })
}

fn lower(command: &Command, unset: Stdio) -> raw::Command {
    let [stdout, stderr] = command.keeps(unset).map(|keep| match keep {
        Keep::Null => raw::Keep::Null,
        Keep::Log => raw::Keep::Log,
        Keep::Ring(bytes) => raw::Keep::Ring(bytes),
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
        stdin: match command.get_stdin() {
            Some(bytes) => raw::Input::Bytes(bytes.to_vec()),
            None => raw::Input::Null,
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
fn milliseconds(duration: Duration) -> u64 {
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

fn step(step: raw::LaunchStep) -> LaunchStep {
    match step {
        raw::LaunchStep::Sandbox => LaunchStep::Sandbox,
        raw::LaunchStep::Cwd => LaunchStep::CurrentDir,
        raw::LaunchStep::Limits => LaunchStep::Limits,
        raw::LaunchStep::Filter => LaunchStep::Filter,
        raw::LaunchStep::Exec => LaunchStep::Exec,
    }
}

fn error(error: raw::Error) -> Error {
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
