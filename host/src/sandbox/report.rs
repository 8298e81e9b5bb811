//! What is known about sandboxes on this machine, for `doctor` and for errors.

use std::fmt;

use super::cgroup::TreeLimit;
use super::settings::SandboxBackend;

/// The result of trying a sandbox on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SandboxReport {
    /// What was tried.
    pub backend: SandboxBackend,
    /// Whether processes can run.
    pub status: SandboxStatus,
    /// What the operator can do about it.
    pub fix: Option<String>,
    /// What a working sandbox cannot do here.
    pub weaknesses: Vec<Weakness>,
}

/// Whether a sandbox works.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SandboxStatus {
    /// It refused all that it has to refuse.
    Works {
        /// The program that builds it, or the part of the kernel that it is.
        by: String,
        /// What that says of its version.
        version: String,
    },
    /// The program that builds it is not installed.
    Missing,
    /// It did not come up, or let something through.
    Broken {
        /// What went wrong.
        reason: String,
    },
}

/// Something that a working sandbox cannot do on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Weakness {
    /// Host and workspace are root's, and the workspace cannot be shown to
    /// another user, so that processes are root to the kernel.
    RunsAsRoot {
        /// Why it cannot.
        because: String,
    },
    /// Something of a whole process tree cannot be limited, and is not by default.
    NoCgroup {
        /// What.
        limit: TreeLimit,
        /// Why no control group can be made for it.
        because: String,
    },
    /// Nobody answers the calls that a filter of system calls cannot judge, so that they are
    /// refused: processes have no unix sockets but pairs, no FIFOs, and give no folder the
    /// set-group-id bit.
    NoSupervision {
        /// Why not.
        because: String,
    },
    /// Landlock: host and workspace are root's, and so are the processes.
    RootWithoutCapabilities,
    /// Landlock: processes see the host's paths and processes.
    SeesHost,
    /// Landlock: what stands before the network is a filter of system calls.
    NoNetworkNamespace,
    /// Landlock: what git obeys in a writable workspace can be changed, so that
    /// writing there needs the grant `workspace:git`.
    GitNotPinned,
    /// Landlock: files outside can be changed in what is not their content.
    AttributesOutside,
    /// No limit on the size of temporary files.
    UnboundedFiles,
    /// Nothing keeps processes in.
    Unconfined,
}

impl SandboxReport {
    /// Returns whether processes can run.
    #[must_use]
    pub fn works(&self) -> bool {
        matches!(self.status, SandboxStatus::Works { .. })
    }
}

impl fmt::Display for SandboxReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.status {
            SandboxStatus::Works { by, version } => write!(f, "{by} works ({version})")?,
            SandboxStatus::Missing => write!(f, "bubblewrap is not installed")?,
            SandboxStatus::Broken { reason } => write!(f, "the sandbox does not work: {reason}")?,
        }
        match &self.fix {
            Some(fix) => write!(f, "; {fix}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RunsAsRoot { because } => write!(
                f,
                "the host runs as root and so do its processes, behind the whole sandbox: {because}"
            ),
            Self::NoCgroup { limit, because } => {
                f.write_str(match limit {
                    TreeLimit::Memory => "no delegated cgroup limits the memory of a process tree",
                    TreeLimit::Pids => "no delegated cgroup limits the number of its processes",
                    TreeLimit::Weight => {
                        "no delegated cgroup has process trees weigh less than the host: they take \
                         as much of the processor as they want"
                    }
                })?;
                write!(f, ": {because}")
            }
            Self::NoSupervision { because } => write!(
                f,
                "processes have no unix sockets but pairs, make no FIFOs, and cannot set the \
                 set-group-id bit of folders: {because}"
            ),
            Self::RootWithoutCapabilities => f.write_str(
                "the host runs as root and so do its processes, without capabilities: what root \
                 owns is theirs as far as Landlock lets them reach it",
            ),
            Self::SeesHost => f.write_str(
                "processes see the names and attributes of all files, though not what is in \
                 them, and the list of the host's processes, with their command lines",
            ),
            Self::NoNetworkNamespace => f.write_str(
                "no network of its own: a filter of system calls alone keeps processes from \
                 making sockets, and those with `network:host` share the host's whole network",
            ),
            Self::GitNotPinned => f.write_str(
                "git's data is not kept apart: a process that may write the workspace can plant what \
                 git executes later on the host, so that writing needs `workspace:git`, too",
            ),
            Self::AttributesOutside => f.write_str(
                "a process that may write the workspace can change the mode, times and attributes \
                 of its user's files everywhere",
            ),
            Self::UnboundedFiles => {
                f.write_str("home and temporary files lie on the host's disk, and can fill it")
            }
            Self::Unconfined => f.write_str(
                "there is no sandbox: processes reach all that the host's user reaches, and can \
                 have others run what outlives them",
            ),
        }
    }
}
