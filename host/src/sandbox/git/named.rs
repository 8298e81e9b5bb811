//! A path that a configuration names, and what git does with it.
//!
//! Pure.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A path that a configuration names, and what git does with it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Named {
    /// A further configuration, relative to the file that names it.
    Include(PathBuf),
    /// The top of the work tree, relative to the repository's directory.
    WorkTree(PathBuf),
    /// A directory whose programs are run, relative to the work tree's top.
    Programs(PathBuf),
    /// What may be a file of a command, relative to the work tree's top.
    Word {
        /// The path.
        path: PathBuf,
        /// Git runs it, so that it matters also where it is not there.
        runs: bool,
    },
    /// What is executed if a command is started in a folder, which matters only where
    /// that is there. Relative to the work tree's top.
    Within {
        /// The folder.
        folder: PathBuf,
        /// The path, seen from there.
        path: PathBuf,
    },
    /// What may be another repository, relative to the work tree's top.
    Repository(PathBuf),
    /// A folder that a command of git's works in, relative to the work tree's top.
    Folder(PathBuf),
    /// What a command names that computes something, relative to the work tree's top.
    Computed(Computed),
    /// A path in the home of a user who is not known.
    Unknown(String),
    /// More than is looked at.
    TooMuch,
}

/// What a command names that computes something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Computed {
    /// What stays as it is as a whole where it is a folder.
    pub(crate) folders: BTreeSet<PathBuf>,
    /// What it executes in each of them.
    pub(crate) paths: BTreeSet<PathBuf>,
    /// It changes into a folder that is not known, unless it is one of these.
    pub(crate) lost: bool,
}

impl Named {
    /// Whether it is the same wherever git runs.
    pub(crate) fn is_absolute(&self) -> bool {
        match self {
            Self::Include(path)
            | Self::WorkTree(path)
            | Self::Programs(path)
            | Self::Word { path, .. }
            | Self::Within { folder: path, .. }
            | Self::Folder(path)
            | Self::Repository(path) => path.is_absolute(),
            Self::Computed(computed) => computed.folders.iter().any(|path| path.is_absolute()),
            Self::Unknown(_) | Self::TooMuch => true,
        }
    }
}

impl Named {
    /// The same, seen from a folder; nothing where that makes no difference.
    pub(super) fn below(&self, folder: &Path) -> Option<Self> {
        let seen = |path: &PathBuf| path.is_relative().then(|| folder.join(path));
        Some(match self {
            Self::Programs(path) => Self::Programs(seen(path)?),
            Self::Word { path, runs } => Self::Word {
                path: seen(path)?,
                runs: *runs,
            },
            Self::Repository(path) => Self::Repository(seen(path)?),
            Self::Computed(computed) => Self::Computed(Computed {
                folders: computed.folders.iter().filter_map(seen).collect(),
                ..computed.clone()
            }),
            _ => return None,
        })
    }
}
