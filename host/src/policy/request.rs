//! What a manifest asks for.

use std::fmt;

use super::{
    Access, ArgsPattern, Confinement, FilesRequest, Grant, NetworkAccess, NetworkRequest,
    PublishRequest, Subscription, WorkspaceAccess,
};

/// Everything that a manifest asks for and an operator may grant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Requests {
    /// The programs that it starts.
    pub processes: Vec<ProcessRequest>,
    /// The topics that it publishes to.
    pub publish: Vec<PublishRequest>,
    /// The topics that it is told of.
    pub subscribe: Vec<Subscription>,
    /// The folders that it reads and writes.
    pub files: Vec<FilesRequest>,
    /// The hosts that it connects to.
    pub network: Vec<NetworkRequest>,
}

impl FromIterator<ProcessRequest> for Requests {
    fn from_iter<I: IntoIterator<Item = ProcessRequest>>(processes: I) -> Self {
        Self {
            processes: processes.into_iter().collect(),
            ..Self::default()
        }
    }
}

/// A program as manifests and grants name it: a bare name that is looked up in
/// the sandbox's PATH, or an absolute path.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct ProgramName(String);

/// Why a text names no program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidProgram {
    /// It has another form.
    #[error("`{}` names no program: give a bare name, or an absolute path", crate::plain::quoted(.0))]
    Form(String),
    /// It is a bare name with letters that may look like others.
    #[error(
        "`{}` is not ASCII, and may look like another program: give an absolute path",
        crate::plain::quoted(.0)
    )]
    Lookalike(String),
}

impl ProgramName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ProgramName {
    type Error = InvalidProgram;

    fn try_from(text: String) -> Result<Self, InvalidProgram> {
        let absolute = text.starts_with('/') && !text.ends_with('/');
        let bare = !text.is_empty() && !text.contains('/') && text != "." && text != "..";
        let plain = super::is_plain(&text) && !text.contains('*') && text.trim() == text;
        if !plain || !(absolute || bare) {
            return Err(InvalidProgram::Form(text));
        }
        if bare && !text.is_ascii() {
            return Err(InvalidProgram::Lookalike(text));
        }
        Ok(Self(text))
    }
}

impl fmt::Display for ProgramName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The program and its arguments, as they would be typed.
impl fmt::Display for ProcessRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&super::quote(self.program.as_str()))?;
        if self.args.is_empty() {
            return Ok(());
        }
        write!(f, " {}", self.args)
    }
}

/// One `[[process]]` of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
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

/// The name of an environment variable that a capsule may set.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct VariableName(String);

/// Why a variable cannot be asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidVariable {
    /// Not a name.
    #[error("`{}` is not the name of an environment variable", crate::plain::quoted(.0))]
    Form(String),
    /// The loader would take code from it.
    #[error("`{0}` makes a program load other code: it cannot be set")]
    Loader(String),
}

impl VariableName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for VariableName {
    type Error = InvalidVariable;

    fn try_from(text: String) -> Result<Self, InvalidVariable> {
        let form = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if text.is_empty() || !text.bytes().all(form) || text.as_bytes()[0].is_ascii_digit() {
            return Err(InvalidVariable::Form(text));
        }
        if text.starts_with("LD_") || matches!(text.as_str(), "GCONV_PATH" | "GLIBC_TUNABLES") {
            return Err(InvalidVariable::Loader(text));
        }
        Ok(Self(text))
    }
}
