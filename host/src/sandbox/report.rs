//! What is known about sandboxes on this machine, for `doctor` and for errors.

use std::fmt;
use std::path::PathBuf;

use super::TreeLimit;

/// The result of trying a sandbox on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxReport {
    /// Whether processes can run.
    pub status: SandboxStatus,
    /// What the operator can do about it.
    pub fix: Option<String>,
    /// What a working sandbox cannot do here.
    pub weaknesses: Vec<Weakness>,
}

/// Whether a sandbox works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SandboxStatus {
    /// It refused all that it has to refuse.
    Works {
        /// The program that builds it.
        program: PathBuf,
        /// What that program says of its version.
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
pub enum Weakness {
    /// Host and workspace are root's, and the workspace cannot be shown to
    /// another user, so that processes are root to the kernel.
    RunsAsRoot {
        /// Why it cannot.
        because: String,
    },
    /// Something of a whole process tree cannot be limited.
    NoCgroup {
        /// What.
        limit: TreeLimit,
        /// Why no control group can be made for it.
        because: String,
    },
}

impl SandboxReport {
    /// Whether processes can run.
    #[must_use]
    pub fn works(&self) -> bool {
        matches!(self.status, SandboxStatus::Works { .. })
    }
}

impl fmt::Display for SandboxReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.status {
            SandboxStatus::Works { program, version } => {
                write!(f, "{} works ({version})", program.display())?;
            }
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
                let what = match limit {
                    TreeLimit::Memory => "the memory of a process tree",
                    TreeLimit::Pids => "the number of its processes",
                };
                write!(f, "no delegated cgroup limits {what}: {because}")
            }
        }
    }
}
