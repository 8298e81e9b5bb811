//! What a manifest asks for of processes.

use std::fmt;

use super::{ArgsPattern, ProgramName, VariableName};
use crate::policy::words::quote;
use crate::policy::{Access, Confinement, Grant, NetworkAccess, WorkspaceAccess};

/// The program and its arguments, as they would be typed.
impl fmt::Display for ProcessRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&quote(self.program.as_str()))?;
        if self.args.is_empty() {
            return Ok(());
        }
        write!(f, " {}", self.args)
    }
}

/// One `[[process]]` of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ProcessRequest {
    /// The program.
    pub program: ProgramName,
    /// The arguments that it is started with.
    #[serde(default = "ArgsPattern::any")]
    pub args: ArgsPattern,
    /// The environment variables that the capsule sets for it.
    #[serde(default)]
    pub env: Vec<VariableName>,
    /// What it does with the workspace.
    #[serde(default)]
    pub workspace: WorkspaceAccess,
    /// What it reaches of the network.
    #[serde(default)]
    pub network: NetworkAccess,
    /// The line of the manifest where it begins, counted from 1; `None` when it
    /// was not read from one.
    #[serde(skip)]
    pub line: Option<usize>,
}

impl ProcessRequest {
    /// The request for a program with any arguments, and nothing beside it.
    #[must_use]
    pub fn new(program: ProgramName) -> Self {
        Self {
            program,
            args: ArgsPattern::any(),
            env: Vec::new(),
            workspace: WorkspaceAccess::default(),
            network: NetworkAccess::default(),
            line: None,
        }
    }

    /// What its processes may do beyond what every process may.
    #[must_use]
    pub fn access(&self) -> Access {
        Access {
            workspace: self.workspace,
            network: self.network,
        }
    }

    /// The grants that it needs besides the one for its program, on a host that
    /// confines processes so.
    pub fn further_grants(&self, confinement: Confinement) -> impl Iterator<Item = Grant> {
        let git = match confinement {
            Confinement::Landlocked => self.workspace.writes(),
            Confinement::Sandboxed | Confinement::Unconfined => self.workspace.writes_git(),
        };
        [
            self.workspace.writes().then_some(Grant::WorkspaceWrite),
            git.then_some(Grant::WorkspaceGit),
            (self.network == NetworkAccess::Host).then_some(Grant::NetworkHost),
            (confinement == Confinement::Unconfined).then_some(Grant::SandboxNone),
        ]
        .into_iter()
        .flatten()
    }

    /// The narrowest grant that allows this. The notation has no words for "no
    /// arguments at all"; there the grant is for any, and the request holds.
    #[must_use]
    pub fn as_grant(&self) -> Grant {
        Grant::Process {
            program: self.program.clone(),
            args: if self.args.is_empty() {
                ArgsPattern::any()
            } else {
                self.args.clone()
            },
        }
    }
}
