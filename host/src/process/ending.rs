//! Says how a process ended, and why, from what its supervisor saw.

use super::life::{Ended, Life};
use super::output::{Cause, Exit, ExitStatus, LaunchFailure, ProcessLimit};
use crate::policy::command::Limits;

use crate::policy::AuthorizedCommand;
use crate::sandbox::{End, LaunchStep, TreeLimit};

/// What of a command its end is judged by.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    program: String,
    cwd: String,
    limits: Limits,
}

impl Asked {
    pub(super) fn of(command: &AuthorizedCommand) -> Self {
        Self {
            program: command.program().display().to_string(),
            cwd: command.spec().cwd.as_deref().unwrap_or("/workspace").into(),
            limits: command.spec().limits,
        }
    }

    /// The exit of a process that lived like this.
    pub(super) fn exit(&self, life: &Life) -> Exit {
        Exit {
            cause: self.cause(life),
            status: self.status(&life.ended),
        }
    }

    /// The exit of a process that could not be watched to its end.
    pub(super) fn unwatched(&self, error: &std::io::Error) -> Exit {
        Exit {
            cause: Cause::Own,
            status: ExitStatus::LaunchFailed(LaunchFailure {
                step: LaunchStep::Sandbox,
                errno: error.raw_os_error().unwrap_or_default(),
                message: format!("cannot watch the sandbox of `{}`: {error}", self.program),
            }),
        }
    }

    fn cause(&self, life: &Life) -> Cause {
        if let Some(cause) = life.stopped {
            return cause;
        }
        // What was refused memory or a process may have coped with it.
        let hit = life.limit_hit.and_then(|limit| match limit {
            TreeLimit::Memory => Some(ProcessLimit::Memory),
            TreeLimit::Pids => Some(ProcessLimit::Pids),
            // It slows and ends nothing.
            TreeLimit::Weight => None,
        });
        if let (Some(hit), Ended::Command(end)) = (hit, &life.ended)
            && *end != End::Code(0)
        {
            return Cause::Limit(hit);
        }
        let Ended::Command(End::Signal(signal)) = life.ended else {
            return Cause::Own;
        };
        let cpu_spent = self
            .limits
            .cpu_seconds
            .is_some_and(|limit| life.usage.cpu.as_secs() >= limit);
        match i32::from(signal) {
            _ if life.signalled.has(signal) => Cause::Requested,
            libc::SIGXCPU => Cause::Limit(ProcessLimit::CpuSeconds),
            // What ignores SIGXCPU is killed a second later.
            libc::SIGKILL if cpu_spent => Cause::Limit(ProcessLimit::CpuSeconds),
            libc::SIGXFSZ => Cause::Limit(ProcessLimit::FileSize),
            _ => Cause::Own,
        }
    }

    fn status(&self, ended: &Ended) -> ExitStatus {
        match ended {
            Ended::Command(End::Code(code)) => ExitStatus::Code(*code),
            Ended::Command(End::Signal(signal)) => ExitStatus::Signal(*signal),
            Ended::NotStarted { step, errno } => ExitStatus::LaunchFailed(LaunchFailure {
                step: *step,
                errno: *errno,
                message: self.launch_message(*step, *errno),
            }),
            Ended::NoSandbox(message) => ExitStatus::LaunchFailed(LaunchFailure {
                step: LaunchStep::Sandbox,
                errno: 0,
                message: format!("the sandbox did not come up: {message}"),
            }),
        }
    }

    fn launch_message(&self, step: LaunchStep, errno: i32) -> String {
        let what = match step {
            LaunchStep::Sandbox => "cannot set up the process".into(),
            LaunchStep::Cwd => format!("cannot enter `{}`", self.cwd),
            LaunchStep::Limits => "cannot set the limits".into(),
            LaunchStep::Filter => "cannot install the system call filter".into(),
            LaunchStep::Exec => format!("cannot execute `{}`", self.program),
        };
        match (step, errno) {
            (LaunchStep::Sandbox, libc::ESTALE) => format!(
                "{what}: a path that it would be shown leads elsewhere than before, or to nothing"
            ),
            (LaunchStep::Cwd | LaunchStep::Exec, libc::ESTALE) => format!(
                "{what}: something else has taken its place since the command was authorised"
            ),
            _ => format!("{what}: {}", std::io::Error::from_raw_os_error(errno)),
        }
    }
}
