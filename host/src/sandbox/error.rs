//! Why there are no sandboxes for a workspace, and why one was not started.

use std::io;
use std::path::PathBuf;

use super::interpreter::InterpreterError;
use super::workspace_error::WorkspaceError;

/// Why sandboxes cannot be set up for a workspace.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The workspace cannot be used.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// The thread that starts sandboxes could not be started.
    #[error("cannot start the thread that launches sandboxes")]
    Launcher(#[source] io::Error),
    /// `/dev/null` cannot be opened.
    #[error("cannot open /dev/null")]
    Null(#[source] io::Error),
}

/// Why one sandbox was not started.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LaunchError {
    /// The sandbox was not tried, or does not work.
    #[error("the sandbox was not probed, or does not work")]
    Unprobed,
    /// The workspace cannot be shown.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// The workspace would be written, and so what the host trusts.
    #[error(
        "the workspace {} cannot be written by processes: {} belongs to the host itself",
        workspace.display(), protected.display()
    )]
    Protected {
        /// The workspace.
        workspace: PathBuf,
        /// The place in [`super::SandboxSettings::protected`].
        protected: PathBuf,
    },
    /// The program is a script whose interpreter is not there.
    #[error(transparent)]
    Interpreter(#[from] InterpreterError),
    /// The system call filter cannot be built.
    #[error("cannot build the system call filter: {0}")]
    Filter(String),
    /// The order for the init cannot be written.
    #[error("cannot write the order for the init")]
    Order(#[source] io::Error),
    /// A control group for the command cannot be made.
    #[error("cannot make a control group for the command")]
    Group(#[source] io::Error),
    /// Directories for the command cannot be made.
    #[error("cannot make directories for the command")]
    Home(#[source] io::Error),
    /// The sandbox's arguments cannot be written.
    #[error("cannot write the sandbox's arguments")]
    Arguments(#[source] io::Error),
    /// The init cannot be handed over.
    #[error("cannot hand over the init")]
    Init(#[source] io::Error),
    /// A pipe cannot be made.
    #[error("cannot make a pipe to the sandbox")]
    Pipe(#[source] io::Error),
    /// A file cannot be handed over.
    #[error("cannot hand a file to the sandbox")]
    Descriptor(#[source] io::Error),
    /// The program that builds the sandbox does not start.
    #[error("cannot start the program that builds the sandbox")]
    Spawn(#[source] io::Error),
    /// What a sandbox that was built ahead says cannot be read.
    #[error("cannot watch a sandbox that was built ahead")]
    Standby(#[source] io::Error),
    /// The script has nothing for the command.
    #[error("{0}")]
    Unscripted(String),
    /// The thread that starts sandboxes is gone.
    #[error("the thread that launches sandboxes is gone")]
    LauncherGone,
}
