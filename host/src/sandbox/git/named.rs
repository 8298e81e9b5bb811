//! A path that a configuration names, and what git does with it.
//!
//! Pure.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::pieces::Hold;

/// A path that a configuration names, and what git does with it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Named {
    /// A further configuration, relative to the file that names it.
    Include(PathBuf),
    /// The top of the work tree, relative to the repository's directory.
    WorkTree(PathBuf),
    /// A directory whose programs are run, relative to the work tree's top.
    Programs(PathBuf),
    /// What may be another repository, relative to the work tree's top.
    Repository(PathBuf),
    /// What a command names, or a value that is none.
    Command(Command),
    /// A path in the home of a user who is not known.
    Unknown(String),
    /// More than is looked at.
    TooMuch,
}

/// What a command names, relative to the work tree's top and to each folder that it
/// names.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Command {
    /// What may be paths.
    pub(crate) paths: BTreeMap<PathBuf, Hold>,
    /// What it is the value of.
    pub(crate) key: String,
    /// It executes, or enters, something that is seen from where it is started.
    pub(crate) relative: bool,
    /// Why it may execute whatever lies in the workspace.
    pub(crate) open: Option<&'static str>,
}

impl Command {
    pub(super) fn add(&mut self, path: PathBuf, hold: Hold) {
        let held = self.paths.entry(path).or_insert(hold);
        *held = hold.max(*held);
    }
}

impl Named {
    /// Whether it is the same wherever git runs.
    pub(crate) fn is_absolute(&self) -> bool {
        match self {
            Self::Include(path)
            | Self::WorkTree(path)
            | Self::Programs(path)
            | Self::Repository(path) => path.is_absolute(),
            Self::Command(command) => command.paths.keys().any(|path| path.is_absolute()),
            Self::Unknown(_) | Self::TooMuch => true,
        }
    }
}
