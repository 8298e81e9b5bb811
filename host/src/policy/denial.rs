//! Why something is not allowed.

use std::fmt;

use super::Grant;

/// A capability that a capsule does not hold, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{capability} is not allowed: {reason}")]
#[non_exhaustive]
pub struct Denial {
    /// The capability's name, for example `process:git`.
    pub capability: String,
    /// What is missing.
    pub reason: DenialReason,
}

impl Denial {
    /// The lack of a grant.
    pub(super) fn not_granted(grant: Grant) -> Self {
        Self {
            capability: grant.capability(),
            reason: DenialReason::NotGranted(grant),
        }
    }
}

/// What is missing for a capability, and what would allow it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DenialReason {
    /// The manifest does not ask for the program.
    NotRequested,
    /// The manifest asks for the program with other arguments.
    ArgumentsNotRequested,
    /// The manifest does not ask to set this variable.
    VariableNotRequested(String),
    /// The manifest does not ask to publish to the topic.
    TopicNotRequested,
    /// The manifest does not subscribe to the topic.
    NotSubscribed,
    /// The manifest does not ask for a folder with this file.
    FolderNotRequested,
    /// The manifest asks to read the folder only.
    WritingNotRequested,
    /// The manifest does not ask for this host and port.
    HostNotRequested,
    /// The manifest does not ask for this interface of the embedder's own.
    InterfaceNotRequested,
    /// No grant covers it; this one would.
    NotGranted(Grant),
}

impl fmt::Display for DenialReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRequested => f.write_str("the manifest has no [[process]] for this program"),
            Self::ArgumentsNotRequested => {
                f.write_str("no [[process]] of the manifest matches these arguments")
            }
            Self::VariableNotRequested(name) => write!(
                f,
                "the manifest's [[process]] does not list `{name}` in its `env`"
            ),
            Self::TopicNotRequested => {
                f.write_str("the manifest has no [[publish]] for this topic")
            }
            Self::NotSubscribed => f.write_str("the manifest has no [[hook]] for this topic"),
            Self::FolderNotRequested => {
                f.write_str("the manifest has no [[files]] that this lies below")
            }
            Self::WritingNotRequested => {
                f.write_str("the manifest's [[files]] does not ask for `access = \"read-write\"`")
            }
            Self::HostNotRequested => {
                f.write_str("the manifest has no [[network]] for this host and port")
            }
            Self::InterfaceNotRequested => {
                f.write_str("the manifest has no [[interface]] with this name")
            }
            Self::NotGranted(grant) => {
                write!(f, "the operator has not granted it; \"{grant}\" would")
            }
        }
    }
}
