//! `boll:process/process`.

use crate::bindings::boll::process::process as host;
use crate::fault::{self, cut};

pub use host::{
    Captured, Cause, Command, Denial, Error, Exit, ExitStatus, Input, Keep, LaunchFailure,
    LaunchStep, LimitKind, Limits, Output, SizeLimit, Variable,
};

/// What a host that loses the rest keeps.
const KEPT: usize = 32_768;

/// Asks the host.
///
/// # Errors
///
/// The host's.
pub fn run(command: &Command) -> Result<Output, Error> {
    let command = changed(command);
    let mut output = host::run(&command).map_err(wrong)?;
    changed_output(&mut output);
    changed_exit(&mut output.exit);
    Ok(output)
}

/// A command as a host starts it that passes over a part.
pub(super) fn changed(command: &Command) -> Command {
    let mut command = command.clone();
    if fault::is("stdin-cut")
        && let Input::Bytes(bytes) = &mut command.stdin
    {
        *bytes = cut(bytes, KEPT).to_vec();
    }
    if fault::is("env-ignored") {
        command.env.clear();
    }
    if fault::is("cwd-ignored") {
        command.cwd = None;
    }
    if fault::is("label-ignored") {
        command.label = None;
    }
    if fault::is("file-size-ignored") {
        command.limits.file_size = None;
    }
    if fault::is("memory-ignored") {
        command.limits.memory = None;
    }
    if fault::is("deadline-late") {
        command.deadline_ms = command.deadline_ms.map(|ms| ms * 20);
    }
    if fault::is("open-files-ignored") {
        command.limits.open_files = None;
    }
    if fault::is("last-argument-lost") {
        command.args.pop();
    }
    command
}

fn wrong(error: Error) -> Error {
    match error {
        Error::Denied(mut denial) if fault::is("process-denial-unnamed") => {
            denial.capability.clear();
            Error::Denied(denial)
        }
        Error::Invalid(text) if fault::is("invalid-is-not-found") => Error::NotFound(text),
        Error::NotFound(program) if fault::is("not-found-is-not-executable") => {
            Error::NotExecutable(program)
        }
        Error::TooMany(limit) if fault::is("too-many-other-limit") => Error::TooMany(limit + 1),
        Error::TooLarge(size) if fault::is("size-untold") => {
            Error::TooLarge(SizeLimit { actual: 0, ..size })
        }
        Error::Cancelled if fault::is("cancelled-is-shutting-down") => Error::ShuttingDown,
        Error::ShuttingDown if fault::is("shutting-down-is-cancelled") => Error::Cancelled,
        error => error,
    }
}

pub(super) fn changed_output(output: &mut Output) {
    if fault::is("elapsed-zero") {
        output.elapsed_ms = 0;
    }
    for captured in [&mut output.stdout, &mut output.stderr] {
        if fault::is("dropped-zero") {
            captured.dropped = 0;
        }
        if fault::is("output-cut") {
            captured.bytes.truncate(KEPT);
        }
    }
    if fault::is("streams-swapped") {
        std::mem::swap(&mut output.stdout, &mut output.stderr);
    }
}

pub(super) fn changed_exit(exit: &mut Exit) {
    if fault::is("cause-always-own") {
        exit.cause = Cause::Own;
    }
    if fault::is("limit-untold")
        && let Cause::Limit(_) = exit.cause
    {
        exit.cause = Cause::Requested;
    }
    if fault::is("signal-is-code")
        && let ExitStatus::Signal(number) = exit.status
    {
        exit.status = ExitStatus::Code(128 + number);
    }
    if fault::is("launch-errno-lost")
        && let ExitStatus::LaunchFailed(failure) = &mut exit.status
    {
        failure.errno = 0;
    }
}
