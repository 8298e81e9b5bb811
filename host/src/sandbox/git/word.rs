//! What a command names: paths that it may execute, and what git is told in it.
//!
//! Pure.

use std::collections::BTreeSet;

use super::config::Entry;
use super::shapes::join;

/// What a command names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Word {
    /// What may be a path. `runs`: it matters also where it is not there.
    Path { text: Vec<u8>, runs: bool },
    /// What is executed if the command is started in this folder, which matters only
    /// where that is there.
    Within { folder: Vec<u8>, text: Vec<u8> },
    /// A folder whose programs git runs.
    Programs(Vec<u8>),
    /// A folder in which git works.
    Folder(Vec<u8>),
    /// The url of a repository.
    Remote(Vec<u8>),
    /// A setting of git's for what it starts.
    Setting(Entry),
    /// Something in it is computed.
    Computed(Computed),
    /// It names more than is looked at.
    TooMuch,
}

/// What a command names that computes something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Computed {
    /// What may be folders that it changes into, or starts something in.
    pub(super) folders: BTreeSet<Vec<u8>>,
    /// The relative paths that it executes.
    pub(super) paths: BTreeSet<Vec<u8>>,
    /// It changes into a folder that nothing says the name of.
    pub(super) lost: bool,
}

impl Word {
    /// The same, seen from a folder.
    pub(super) fn below(&self, folder: &[u8]) -> Self {
        match self {
            Self::Path { text, runs } => Self::Path {
                text: join(folder, text),
                runs: *runs,
            },
            Self::Programs(text) => Self::Programs(join(folder, text)),
            Self::Remote(text) => Self::Remote(join(folder, text)),
            other => other.clone(),
        }
    }
}
