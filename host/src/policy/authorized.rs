//! The proof that a command may run.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::command::{Checked, CommandSpec};

/// What a sandboxed process may do with the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum WorkspaceAccess {
    /// Read it.
    #[default]
    ReadOnly,
    /// Read and write it, but for git's own data and what else git obeys.
    ReadWrite,
    /// Read and write it, git's own data too: what a process puts there runs code
    /// on the host.
    ReadWriteGit,
}

impl WorkspaceAccess {
    /// Returns whether it may be written.
    #[must_use]
    pub fn writes(self) -> bool {
        self != Self::ReadOnly
    }

    /// Returns whether git's own data may be written.
    #[must_use]
    pub(crate) fn writes_git(self) -> bool {
        self == Self::ReadWriteGit
    }
}

/// The word that manifests have for it.
impl std::fmt::Display for WorkspaceAccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::ReadOnly => "read-only",
            Self::ReadWrite => "read-write",
            Self::ReadWriteGit => "read-write-git",
        })
    }
}

/// What a sandboxed process may reach of the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum NetworkAccess {
    /// Nothing, not even the host's loopback.
    #[default]
    None,
    /// All that the host reaches, its loopback services too.
    Host,
}

impl std::fmt::Display for NetworkAccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Host => "host",
        })
    }
}

/// How the host confines the processes that it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Confinement {
    /// In a sandbox each.
    Sandboxed,
    /// By Landlock, which cannot keep a part of a writable workspace as it is: who
    /// writes the workspace writes git's data, too, and needs the grant
    /// `workspace:git`.
    Landlocked,
    /// Not at all; a capsule needs the grant `sandbox:none` to start anything.
    Unconfined,
}

/// What a sandboxed process may do beyond what every process may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub struct Access {
    /// With the workspace.
    pub workspace: WorkspaceAccess,
    /// On the network.
    pub network: NetworkAccess,
}

/// A program, found in the sandbox's view of the machine.
///
/// Two are equal when their paths are.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ResolvedProgram {
    /// The path that was named or found in PATH.
    pub path: PathBuf,
    /// The same with every symbolic link resolved: the one that is judged.
    pub real: PathBuf,
    pub(crate) execution: Execution,
}

/// How a program is executed, so that what runs is what was judged.
#[derive(Debug, Clone)]
pub(crate) enum Execution {
    /// By the path that was named: no process can change where it leads.
    Named,
    /// By the real path: a process could change where the named one leads, but
    /// not what is at the real one.
    Real,
    /// By the real path, if this file is still there: a process could put
    /// another one in its place. It is open, so that no other file gets its number.
    Judged(Arc<OwnedFd>),
}

impl ResolvedProgram {
    /// Creates a program whose path nobody can change.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, real: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            real: real.into(),
            execution: Execution::Named,
        }
    }
}

impl PartialEq for ResolvedProgram {
    fn eq(&self, other: &Self) -> bool {
        (&self.path, &self.real) == (&other.path, &other.real)
    }
}

impl Eq for ResolvedProgram {}

/// A command that policy has allowed.
///
/// It has private fields and one constructor, inside [`crate::policy`]: what
/// starts processes takes nothing else, so a forgotten check does not compile.
#[derive(Debug)]
pub struct AuthorizedCommand {
    command: Checked<CommandSpec>,
    program: ResolvedProgram,
    access: Access,
    confinement: Confinement,
    rule: String,
}

impl AuthorizedCommand {
    pub(super) fn new(
        command: Checked<CommandSpec>,
        program: ResolvedProgram,
        access: Access,
        confinement: Confinement,
        rule: String,
    ) -> Self {
        Self {
            command,
            program,
            access,
            confinement,
            rule,
        }
    }

    /// Returns the path to execute: the one that was named or found in PATH, or the real
    /// one where a process could change where the named one leads.
    #[must_use]
    pub fn program(&self) -> &Path {
        match self.program.execution {
            Execution::Named => &self.program.path,
            Execution::Real | Execution::Judged(_) => &self.program.real,
        }
    }

    /// The file that has to be at that path, where a process could put another
    /// one there.
    pub(crate) fn judged(&self) -> Option<&Arc<OwnedFd>> {
        match &self.program.execution {
            Execution::Named | Execution::Real => None,
            Execution::Judged(file) => Some(file),
        }
    }

    /// Returns the command, as the capsule asked for it.
    #[must_use]
    pub fn spec(&self) -> &CommandSpec {
        &self.command
    }

    /// Returns what the process may do beyond what every process may.
    #[must_use]
    pub fn access(&self) -> Access {
        self.access
    }

    /// Returns how it is confined: the proof holds for a process that is started so.
    #[must_use]
    pub fn confinement(&self) -> Confinement {
        self.confinement
    }

    /// Returns the grant that allowed it, in the operator's words.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }
}
