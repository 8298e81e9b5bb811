//! What comes of a command: its output, or why it did not run.

use std::io;
use std::time::Duration;

use crate::sandbox::{LaunchError, LaunchStep, Usage};

/// The result of a command that ran to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output {
    /// How it ended.
    pub(crate) exit: Exit,
    /// Empty unless kept in a ring.
    pub(crate) stdout: Captured,
    /// Empty unless kept in a ring.
    pub(crate) stderr: Captured,
    /// From the start of the program to its end.
    pub(crate) elapsed: Duration,
    /// What every process of the tree used.
    pub(crate) usage: Usage,
}

/// What a stream left behind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Captured {
    /// The newest bytes, as they came.
    pub(crate) bytes: Vec<u8>,
    /// How many older bytes were dropped.
    pub(crate) dropped: u64,
}

/// How a process ended, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exit {
    /// How.
    pub(crate) status: ExitStatus,
    /// Why.
    pub(crate) cause: Cause,
}

/// How a process ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// With this code.
    Code(u8),
    /// By this signal.
    Signal(u8),
    /// The program did not start.
    LaunchFailed(LaunchFailure),
}

/// Why a program did not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LaunchFailure {
    /// Where it failed.
    pub(crate) step: LaunchStep,
    /// The system's error number, 0 when there is none.
    pub(crate) errno: i32,
    /// What happened, in words.
    pub(crate) message: String,
}

/// Why a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Of its own accord, or by a signal from inside its sandbox.
    Own,
    /// The capsule asked for it.
    Requested,
    /// The call that it belongs to was cancelled.
    Cancelled,
    /// Its deadline, or that of its call.
    TimedOut,
    /// A limit.
    Limit(ProcessLimit),
    /// The capsule was unloaded or the host stopped.
    Shutdown,
}

/// Which limit ended a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProcessLimit {
    /// Memory of the process tree.
    Memory,
    /// Processor time.
    CpuSeconds,
    /// Processes and threads at the same time.
    Pids,
    /// The size of a written file.
    FileSize,
}

/// Why a command was not started, or could not be followed to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProcessError {
    /// The command asks for something that `run` does not have.
    #[error("{0}")]
    Invalid(String),
    /// The working directory is missing, no directory, or outside the workspace.
    #[error("{0}")]
    BadCwd(String),
    /// The program is a script whose interpreter the sandbox does not have.
    #[error("{0}")]
    NoInterpreter(String),
    /// This machine cannot enforce a limit.
    #[error("{0}")]
    UnsupportedLimit(String),
    /// No sandbox works here; the text says what would help.
    #[error("{0}")]
    SandboxUnavailable(String),
    /// The capsule has as many processes as it may have, live ones or ended
    /// ones that it has not released.
    #[error("the capsule has {0} processes, and may not have more")]
    TooMany(u32),
    /// The capsule's rings would be larger than they may be together.
    #[error("the capsule's rings would have {wanted} bytes together; the limit is {limit}")]
    RingSpace {
        /// The limit, in bytes.
        limit: u64,
        /// What they would have, in bytes.
        wanted: u64,
    },
    /// The call was cancelled before the command started.
    #[error("the call was cancelled")]
    Cancelled,
    /// The host is stopping.
    #[error("the host is stopping")]
    ShuttingDown,
    /// The operating system failed the host.
    #[error(transparent)]
    Host(#[from] HostError),
}

/// At what the operating system failed the host.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HostError {
    /// Starting the sandbox.
    #[error(transparent)]
    Launch(#[from] LaunchError),
    /// The command was authorised for a host that confines processes otherwise.
    #[error("the command was authorised for another confinement than the host has")]
    Confinement,
    /// Preparing the sandbox.
    #[error("the preparation of the sandbox did not end")]
    Prepare(#[source] tokio::task::JoinError),
    /// Making the threads that prepare sandboxes.
    #[error("cannot make threads to prepare sandboxes")]
    Threads(#[source] io::Error),
    /// Making a stream for the command.
    #[error("cannot make a stream for the command")]
    Stream(#[source] io::Error),
    /// Watching the sandbox.
    #[error("cannot watch the sandbox")]
    Watch(#[source] io::Error),
    /// Trying the sandbox.
    #[error("the trial of the sandbox did not end")]
    Probe(#[source] tokio::task::JoinError),
}
