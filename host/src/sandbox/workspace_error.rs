//! What is wrong with a workspace.

use std::io;
use std::path::{Path, PathBuf};

/// What is wrong with a workspace.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkspaceError {
    /// It is missing, or no directory, or may not be read.
    #[error("cannot open the workspace {path}")]
    Open {
        /// As it was set.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something that git obeys and that has to stay as it is cannot be pinned.
    #[error(
        "cannot keep `{what}` of the workspace, which git obeys, from being replaced; a \
         symbolic link there has to become a file or directory before processes may write the \
         workspace without `workspace:git`"
    )]
    Pin {
        /// Its path in the workspace.
        what: String,
        /// Why.
        source: io::Error,
    },
    /// What git obeys cannot be found out.
    #[error(
        "the workspace cannot be written: {because}; choose a smaller workspace, remove repositories \
         that are not yours, or have the process ask for `read-write-git` and grant it `workspace:git`"
    )]
    Unknown {
        /// Why.
        because: &'static str,
    },
    /// There is more that git obeys than can be pinned.
    #[error(
        "the workspace has too many git repositories, paths that git obeys, and folders that lie too \
         deep in each other or cannot be listed: keeping them from being changed takes {count} \
         mounts, and at most {limit} are made; choose a smaller workspace, remove such folders, or \
         have the process ask for `read-write-git` and grant it `workspace:git`"
    )]
    TooMany {
        /// How many mounts it would take.
        count: usize,
        /// How many are made at most.
        limit: usize,
    },
}

impl WorkspaceError {
    /// Of a path that cannot be opened.
    pub(super) fn open(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Open {
            path: path.into(),
            source,
        }
    }
}
