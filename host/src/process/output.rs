//! What comes of a command: its output, or why it did not run.

use std::io;
use std::time::Duration;

use crate::sandbox::{LaunchError, LaunchStep, Usage};

/// The result of a command that ran to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// How it ended.
    pub exit: Exit,
    /// Empty unless kept in a ring.
    pub stdout: Captured,
    /// Empty unless kept in a ring.
    pub stderr: Captured,
    /// From the start of the program to its end.
    pub elapsed: Duration,
    /// What every process of the tree used.
    pub usage: Usage,
}

/// What a stream left behind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Captured {
    /// The newest bytes, as they came.
    pub bytes: Vec<u8>,
    /// How many older bytes were dropped.
    pub dropped: u64,
}

/// How a process ended, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exit {
    /// How.
    pub status: ExitStatus,
    /// Why.
    pub cause: Cause,
}

/// How a process ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExitStatus {
    /// With this code.
    Code(u8),
    /// By this signal.
    Signal(u8),
    /// The program did not start.
    LaunchFailed(LaunchFailure),
}

/// Why a program did not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaunchFailure {
    /// Where it failed.
    pub step: LaunchStep,
    /// The system's error number, 0 when there is none.
    pub errno: i32,
    /// What happened, in words.
    pub message: String,
}

/// Why a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Of its own accord, or by a signal from inside its sandbox.
    Own,
    /// The capsule asked for it.
    Requested,
    /// The call that it belongs to was cancelled.
    Cancelled,
    /// Its deadline, or that of its call.
    TimedOut,
    /// A limit.
    Limit(LimitKind),
    /// The capsule was unloaded or the host stopped.
    Shutdown,
}

/// Which limit ended a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitKind {
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
pub enum ProcessError {
    /// The command asks for something that `run` does not have.
    #[error("{0}")]
    Invalid(String),
    /// The working directory is missing, no directory, or outside the workspace.
    #[error("{0}")]
    BadCwd(String),
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
    #[error("{0}")]
    Host(#[from] HostError),
}

/// At what the operating system failed the host.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// Starting the sandbox.
    #[error("{0}")]
    Launch(#[from] LaunchError),
    /// The command was authorised for a host that confines processes otherwise.
    #[error("the command was authorised for another confinement than the host has")]
    Confinement,
    /// Preparing the sandbox.
    #[error("the preparation of the sandbox did not end: {0}")]
    Prepare(#[source] tokio::task::JoinError),
    /// Making the threads that prepare sandboxes.
    #[error("cannot make threads to prepare sandboxes: {0}")]
    Threads(#[source] io::Error),
    /// Making a stream for the command.
    #[error("cannot make a stream for the command: {0}")]
    Stream(#[source] io::Error),
    /// Watching the sandbox.
    #[error("cannot watch the sandbox: {0}")]
    Watch(#[source] io::Error),
    /// Trying the sandbox.
    #[error("the trial of the sandbox did not end: {0}")]
    Probe(#[source] tokio::task::JoinError),
}
