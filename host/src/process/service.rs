//! Runs commands: from permission to output.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::capture::{Capture, Destination, Ring, enlarge};
use super::command::{Input, Keep};
use super::gate::{Gate, Pass, Refusal};
use super::limits::{Ceilings, Defaults, kernel_limits};
use super::lines::{LineSink, LineStream, OutputStream, Source};
use super::output::{
    Captured, Cause, Exit, ExitStatus, HostError, LaunchFailure, LimitKind, Output, ProcessError,
};
use super::supervisor::{Ended, Grace, Life, Stops, Streams, Supervisor};
use crate::policy::AuthorizedCommand;
use crate::sandbox::{End, HOME, LaunchError, LaunchStep, Order, PATH, Sandbox, Stdio};

/// How processes are run where a command does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProcessSettings {
    /// The live processes of one capsule.
    pub per_capsule: u32,
    /// How long a process that has to end is asked before it is killed.
    pub grace: Grace,
    /// How long output is read after everything has ended.
    pub drain: Duration,
    /// The open files of each process.
    pub open_files: u32,
    /// The processes and threads of a process tree. The kernel does not hold
    /// its own root user to it.
    pub pids: u32,
}

impl Default for ProcessSettings {
    fn default() -> Self {
        Self {
            per_capsule: 64,
            grace: Grace::default(),
            drain: Duration::from_millis(250),
            open_files: 4096,
            pids: 1024,
        }
    }
}

/// Whose process it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Owner {
    /// The capsule's id.
    pub capsule: String,
    /// On whose behalf the capsule acts.
    pub principal: Option<String>,
    /// The call that the process belongs to.
    pub call: Option<String>,
}

/// What a run belongs to.
#[derive(Clone)]
pub struct RunContext {
    /// Whose it is.
    pub owner: Owner,
    /// Cancels the call.
    pub cancel: CancellationToken,
    /// When the call ends.
    pub deadline: Option<Instant>,
    /// Takes the lines of streams that are kept as a log.
    pub lines: Arc<dyn LineSink>,
}

/// Runs commands in the sandboxes of one workspace. Clones are the same service.
#[derive(Debug, Clone)]
pub struct ProcessService(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    sandbox: Sandbox,
    settings: ProcessSettings,
    gate: Arc<Gate>,
    shutdown: CancellationToken,
}

impl ProcessService {
    /// A service for a workspace. The sandbox is tried at the first command,
    /// unless [`Sandbox::probe`] was called before.
    #[must_use]
    pub fn new(sandbox: Sandbox, settings: ProcessSettings) -> Self {
        Self(Arc::new(Inner {
            sandbox,
            gate: Gate::new(settings.per_capsule),
            settings,
            shutdown: CancellationToken::new(),
        }))
    }

    /// Where the commands run.
    #[must_use]
    pub fn sandbox(&self) -> &Sandbox {
        &self.0.sandbox
    }

    /// Runs a command to its end. Dropping the future ends its process tree.
    ///
    /// It needs a tokio runtime with I/O and time.
    ///
    /// # Errors
    ///
    /// A [`ProcessError`] when the command was not started. A program that
    /// could not be executed is an [`Output`] that says so.
    pub async fn run(
        &self,
        command: AuthorizedCommand,
        context: RunContext,
    ) -> Result<Output, ProcessError> {
        let pass = self.enter(&command, &context)?;
        self.require_sandbox().await?;
        let order = self.0.order(&command)?;
        let (mut streams, stdio) = self.streams(&command, &context)?;
        let deadline = earliest(context.deadline, command.deadline());
        let prepared = self.0.sandbox.prepare(command.access(), &order, stdio)?;
        // The place is given back when the sandbox is gone, which is later than
        // this future when that is dropped.
        let (child, ends) = self.0.sandbox.launch(prepared, Box::new(pass)).await?;
        tracing::debug!(
            capsule = context.owner.capsule,
            principal = context.owner.principal,
            call = context.owner.call,
            program = command.name(),
            rule = command.rule(),
            "started a process"
        );
        let settings = &self.0.settings;
        let supervisor = Supervisor::new(child, ends, settings.grace, settings.drain)
            .map_err(HostError::Watch)?;
        let stops = Stops {
            cancel: context.cancel,
            shutdown: self.0.shutdown.clone(),
            deadline,
        };
        let life = supervisor
            .follow(stops, &mut streams)
            .await
            .map_err(HostError::Watch)?;
        Ok(output(life, streams, &command))
    }

    /// Ends every process, and waits until they are gone. Later commands are refused.
    pub async fn shutdown(&self) {
        self.0.shutdown.cancel();
        self.0.gate.close().await;
    }

    fn enter(
        &self,
        command: &AuthorizedCommand,
        context: &RunContext,
    ) -> Result<Pass, ProcessError> {
        if *command.stdin() == Input::Pipe {
            return Err(ProcessError::Invalid(
                "stdin is a pipe, which only a spawned child has".into(),
            ));
        }
        if [command.stdout(), command.stderr()].contains(&Keep::Stream) {
            return Err(ProcessError::Invalid(
                "an output is kept as a stream, which only a spawned child has".into(),
            ));
        }
        if context.cancel.is_cancelled() {
            return Err(ProcessError::Cancelled);
        }
        self.0
            .gate
            .enter(&context.owner.capsule)
            .map_err(|refusal| match refusal {
                Refusal::TooMany(live) => ProcessError::TooMany(live),
                Refusal::Closed => ProcessError::ShuttingDown,
            })
    }

    /// Nothing runs unless a sandbox was seen to work.
    async fn require_sandbox(&self) -> Result<(), ProcessError> {
        if self.0.sandbox.report().is_none() {
            let sandbox = self.0.sandbox.clone();
            tokio::task::spawn_blocking(move || {
                sandbox.probe();
            })
            .await
            .map_err(HostError::Probe)?;
        }
        match self.0.sandbox.report() {
            Some(report) if report.works() => Ok(()),
            report => Err(ProcessError::SandboxUnavailable(
                report.map_or_else(String::new, ToString::to_string),
            )),
        }
    }

    fn streams(
        &self,
        command: &AuthorizedCommand,
        context: &RunContext,
    ) -> Result<(Streams, Stdio), HostError> {
        let mut streams = Streams::default();
        let stdin = match command.stdin() {
            Input::Null | Input::Pipe => self.null()?,
            Input::Bytes(bytes) => {
                let (read, write) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)
                    .map_err(|errno| HostError::Stream(errno.into()))?;
                enlarge(&write);
                streams.stdin = Some((bytes.clone(), write));
                read
            }
        };
        let source = Source {
            process: Uuid::new_v4(),
            program: command.name().into(),
            label: command.label().map(Into::into),
            stream: OutputStream::Stdout,
        };
        let open = |keep, source| self.output_stream(keep, source, context);
        let errors = Source {
            stream: OutputStream::Stderr,
            ..source.clone()
        };
        let (stdout_capture, stdout) = open(command.stdout(), source)?;
        let (stderr_capture, stderr) = open(command.stderr(), errors)?;
        streams.stdout = stdout_capture;
        streams.stderr = stderr_capture;
        let stdio = Stdio {
            stdin,
            stdout,
            stderr,
        };
        Ok((streams, stdio))
    }

    fn output_stream(
        &self,
        keep: Keep,
        source: Source,
        context: &RunContext,
    ) -> Result<(Option<Capture>, std::os::fd::OwnedFd), HostError> {
        let destination = match keep {
            Keep::Null | Keep::Stream => return Ok((None, self.null()?)),
            Keep::Ring(size) => Destination::Ring(Ring::new(size)),
            Keep::Log => Destination::Lines(LineStream::new(Arc::clone(&context.lines), source)),
        };
        let (capture, end) = Capture::new(destination).map_err(HostError::Stream)?;
        Ok((Some(capture), end))
    }

    fn null(&self) -> Result<std::os::fd::OwnedFd, HostError> {
        self.0.sandbox.null().map_err(HostError::Stream)
    }
}

impl Inner {
    fn order(&self, command: &AuthorizedCommand) -> Result<Order, ProcessError> {
        let defaults = Defaults {
            open_files: self.settings.open_files,
            pids: self.settings.pids,
        };
        let ceilings = Ceilings::of_host(self.sandbox.runs_as_root());
        let limits = kernel_limits(&command.limits(), defaults, &ceilings)
            .map_err(ProcessError::UnsupportedLimit)?;
        let directory = self
            .sandbox
            .working_directory(command.cwd())
            .map_err(|error| ProcessError::BadCwd(error.to_string()))?;
        let mut args = vec![command.name().to_owned()];
        args.extend_from_slice(command.args());
        Ok(Order {
            directory,
            program: command.program().as_os_str().as_encoded_bytes().into(),
            args,
            env: environment(command.env()),
            limits,
        })
    }
}

/// The sandbox's small environment, and over it what the command adds. Nothing
/// of the host's own is in it.
fn environment(added: &[(String, String)]) -> Vec<(String, String)> {
    let mut variables: Vec<(String, String)> = [
        ("PATH", PATH.join(":").as_str()),
        ("HOME", HOME),
        ("TMPDIR", "/tmp"),
        ("LANG", "C.UTF-8"),
    ]
    .map(|(name, value)| (name.into(), value.into()))
    .into();
    for (name, value) in added {
        variables.retain(|(present, _)| present != name);
        variables.push((name.clone(), value.clone()));
    }
    variables
}

fn earliest(call: Option<Instant>, command: Option<Duration>) -> Option<Instant> {
    // A deadline beyond the clock's range is none.
    let command = command.and_then(|after| Instant::now().checked_add(after));
    [call, command].into_iter().flatten().min()
}

fn output(life: Life, streams: Streams, command: &AuthorizedCommand) -> Output {
    let finish = |capture: Option<Capture>| capture.map_or_else(Captured::default, Capture::finish);
    Output {
        exit: Exit {
            cause: cause(&life, command),
            status: status(life.ended, command),
        },
        stdout: finish(streams.stdout),
        stderr: finish(streams.stderr),
        elapsed: life.elapsed,
        usage: life.usage,
    }
}

fn cause(life: &Life, command: &AuthorizedCommand) -> Cause {
    if let Some(cause) = life.stopped {
        return cause;
    }
    let Ended::Command(End::Signal(signal)) = life.ended else {
        return Cause::Own;
    };
    let cpu_spent = command
        .limits()
        .cpu_seconds
        .is_some_and(|limit| life.usage.cpu.as_secs() >= limit);
    match i32::from(signal) {
        libc::SIGXCPU => Cause::Limit(LimitKind::CpuSeconds),
        // What ignores SIGXCPU is killed a second later.
        libc::SIGKILL if cpu_spent => Cause::Limit(LimitKind::CpuSeconds),
        libc::SIGXFSZ => Cause::Limit(LimitKind::FileSize),
        _ => Cause::Own,
    }
}

fn status(ended: Ended, command: &AuthorizedCommand) -> ExitStatus {
    match ended {
        Ended::Command(End::Code(code)) => ExitStatus::Code(code),
        Ended::Command(End::Signal(signal)) => ExitStatus::Signal(signal),
        Ended::NotStarted { step, errno } => ExitStatus::LaunchFailed(LaunchFailure {
            step,
            errno,
            message: launch_message(step, errno, command),
        }),
        Ended::NoSandbox(message) => ExitStatus::LaunchFailed(LaunchFailure {
            step: LaunchStep::Sandbox,
            errno: 0,
            message: format!("the sandbox did not come up: {message}"),
        }),
    }
}

fn launch_message(step: LaunchStep, errno: i32, command: &AuthorizedCommand) -> String {
    let what = match step {
        LaunchStep::Sandbox => "cannot set up the process".into(),
        LaunchStep::Cwd => format!("cannot enter `{}`", command.cwd().unwrap_or("/workspace")),
        LaunchStep::Limits => "cannot set the limits".into(),
        LaunchStep::Filter => "cannot install the system call filter".into(),
        LaunchStep::Exec => format!("cannot execute `{}`", command.program().display()),
    };
    format!("{what}: {}", std::io::Error::from_raw_os_error(errno))
}

impl From<LaunchError> for ProcessError {
    fn from(error: LaunchError) -> Self {
        match error {
            // What is wrong can be put right by whoever owns the workspace.
            LaunchError::Workspace(error) => Self::SandboxUnavailable(error.to_string()),
            error => Self::Host(error.into()),
        }
    }
}
