//! `boll:process/process`.

use std::sync::Arc;
use std::time::Duration;

use super::CallContext;
use super::same::same;
use crate::bindings::boll::process::process as wit;
use crate::cause::with_causes;
use crate::policy::command::{Checked, CommandError, CommandSpec, Input, Keep, Limits};
use crate::policy::{AuthorizedCommand, Denial};
use crate::process::{
    Captured, Cause, Exit, ExitStatus, LaunchFailure, Line, LineSink, Output, OutputStream,
    ProcessError, ProcessLimit, ProcessService, RunContext, Unconfined,
};
use crate::sandbox::{LaunchStep, ProgramError, Sandbox};
use crate::services::audit::Judgement;
use crate::services::log::{CallLog, FieldValue, LineSource, LogLevel};

impl wit::Host for CallContext {
    async fn run(&mut self, command: wit::Command) -> Result<wit::Output, wit::Error> {
        let (processes, command) = self.allow(command)?;
        let output = processes.run(command, self.run_context()).await?;
        Ok(output.into())
    }
}

impl CallContext {
    /// The way of every command: checked, resolved, authorised.
    pub(super) fn allow(
        &self,
        command: wit::Command,
    ) -> Result<(ProcessService, AuthorizedCommand), wit::Error> {
        let processes = self.host.processes.clone().ok_or_else(|| {
            wit::Error::SandboxUnavailable("this host was set up without a sandbox".to_owned())
        })?;
        let command = CommandSpec::from(command).check(&processes.settings().sizes)?;
        let command = self.authorize(command, processes.sandbox())?;
        Ok((processes, command))
    }

    /// What the processes of this call belong to.
    pub(super) fn run_context(&self) -> RunContext {
        RunContext {
            scope: Arc::clone(&self.scope),
            lines: Arc::new(ChildLines(Arc::clone(&self.log))),
        }
    }

    /// By the capsule's grants as they are now, which may be fewer than when
    /// the call began.
    fn authorize(
        &self,
        command: Checked<CommandSpec>,
        sandbox: &Sandbox,
    ) -> Result<AuthorizedCommand, wit::Error> {
        let capsule = self.current().ok_or(wit::Error::ShuttingDown)?;
        let program = sandbox.resolve(&command.program).inspect_err(|error| {
            tell_where(sandbox, &command.program, error);
        })?;
        let permissions = capsule.permissions();
        let arguments = self.host.audit.listens().then(|| command.args.clone());
        let decision = permissions.decide(command, program, sandbox.confinement(), |name| {
            sandbox.resolve(name).ok()
        });
        self.audit(|| {
            Judgement::of(&decision, |command| {
                format!("process:{}", command.spec().program)
            })
            .with_arguments(arguments)
        });
        Ok(decision.into_result()?)
    }
}

/// Says in the host's log where a program is that processes are not shown.
fn tell_where(sandbox: &Sandbox, name: &str, error: &ProgramError) {
    if let ProgramError::NotFound(_) = error
        && let Some(path) = sandbox.elsewhere(name)
    {
        tracing::warn!(
            "processes are not shown the program `{name}`, which this host has at {}; `boll explain \
             CAPSULE process {name}` says how to show it",
            path.display()
        );
    }
}

/// What children write to streams kept as a log, as lines of the capsule's.
struct ChildLines(Arc<CallLog>);

impl LineSink for ChildLines {
    fn line(&self, line: Line<'_>) {
        let source = LineSource::Child {
            id: line.process,
            name: line.label.unwrap_or(line.program).into(),
            channel: match line.stream {
                OutputStream::Stdout => "stdout",
                OutputStream::Stderr => "stderr",
            },
        };
        let text = line.text.to_owned();
        self.0.emit(LogLevel::Info, source, text, Vec::new());
    }

    fn unconfined(&self, start: Unconfined<'_>) {
        let text = |text: &str| FieldValue::Text(text.to_owned());
        let arguments = i64::try_from(start.arguments).unwrap_or(i64::MAX);
        let fields = vec![
            ("program".to_owned(), text(start.program)),
            ("arguments".to_owned(), FieldValue::Integer(arguments)),
            ("rule".to_owned(), text(start.rule)),
        ];
        let message = "starting a process without a sandbox".to_owned();
        self.0.note(LogLevel::Warn, message, fields);
    }
}

impl From<wit::Command> for CommandSpec {
    fn from(command: wit::Command) -> Self {
        Self {
            program: command.program,
            args: command.args,
            cwd: command.cwd,
            env: command
                .env
                .into_iter()
                .map(|variable| (variable.name, variable.value))
                .collect(),
            stdin: command.stdin.into(),
            stdout: command.stdout.into(),
            stderr: command.stderr.into(),
            limits: command.limits.into(),
            deadline: command.deadline_ms.map(Duration::from_millis),
            label: command.label,
        }
    }
}

same! {
    enum wit::Input => Input { Null, Bytes(bytes), Pipe }
    enum wit::Keep => Keep { Null, Log, Ring(size), Stream }
    enum ExitStatus => wit::ExitStatus { Code(code), Signal(signal), LaunchFailed(failure) }
    enum LaunchStep => wit::LaunchStep { Sandbox, Cwd, Limits, Filter, Exec }
    enum Cause => wit::Cause { Own, Requested, Cancelled, TimedOut, Limit(kind), Shutdown }
    enum ProcessLimit => wit::LimitKind { Memory, CpuSeconds, Pids, FileSize }
}

same! {
    struct wit::Limits => Limits { memory, cpu_seconds, pids, open_files, file_size }
    struct Captured => wit::Captured { bytes, dropped }
    struct Exit => wit::Exit { status, cause }
    struct LaunchFailure => wit::LaunchFailure { step, errno, message }
}

impl From<CommandError> for wit::Error {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::TooLarge {
                what,
                limit,
                actual,
            } => Self::TooLarge(wit::SizeLimit {
                what: what.to_owned(),
                limit,
                actual,
            }),
            malformed => Self::Invalid(malformed.to_string()),
        }
    }
}

impl From<Denial> for wit::Error {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial.into())
    }
}

impl From<ProgramError> for wit::Error {
    fn from(error: ProgramError) -> Self {
        match &error {
            ProgramError::NotFound(_) | ProgramError::NotShown { .. } => {
                Self::NotFound(error.to_string())
            }
            ProgramError::NotExecutable(_) => Self::NotExecutable(error.to_string()),
        }
    }
}

impl From<ProcessError> for wit::Error {
    fn from(error: ProcessError) -> Self {
        match error {
            ProcessError::Invalid(reason) => Self::Invalid(reason),
            ProcessError::NoInterpreter(reason) => Self::NotFound(reason),
            ProcessError::BadCwd(reason) => Self::BadCwd(reason),
            ProcessError::UnsupportedLimit(reason) => Self::UnsupportedLimit(reason),
            ProcessError::SandboxUnavailable(reason) => Self::SandboxUnavailable(reason),
            ProcessError::RingSpace { limit, wanted } => Self::TooLarge(wit::SizeLimit {
                what: "the rings of the capsule".to_owned(),
                limit,
                actual: wanted,
            }),
            ProcessError::TooMany(limit) => Self::TooMany(limit),
            ProcessError::Cancelled => Self::Cancelled,
            ProcessError::ShuttingDown => Self::ShuttingDown,
            ProcessError::Host(error) => Self::Host(with_causes(&error)),
        }
    }
}

impl From<Output> for wit::Output {
    fn from(output: Output) -> Self {
        Self {
            exit: output.exit.into(),
            stdout: output.stdout.into(),
            stderr: output.stderr.into(),
            elapsed_ms: u64::try_from(output.elapsed.as_millis()).unwrap_or(u64::MAX),
        }
    }
}
