//! What git obeys in an open folder that has no repository and is in none's directory.

use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};

use super::survey::{GitSettings, Limits, Walks, survey_names};

/// What git obeys in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum GitObeys {
    /// This path in it, which git's configuration or a hook names.
    Path(PathBuf),
    /// Whatever lies there, for this reason.
    Anything(String),
}

/// What git obeys in folders, by what these users have set.
#[derive(Debug)]
pub(crate) struct Obedience {
    users: Vec<GitSettings>,
    walks: Walks,
}

impl Obedience {
    pub(crate) fn new(users: Vec<GitSettings>) -> Self {
        Self {
            users,
            walks: Walks::default(),
        }
    }

    /// Whether git obeys whatever lies in a folder, or the first path there that the
    /// configuration or the hooks of a repository around it name, or a user's
    /// configuration.
    pub(crate) fn of(&self, folder: BorrowedFd<'_>, path: &Path) -> Option<GitObeys> {
        let found = survey_names(folder, path, &self.users, Limits::default(), &self.walks);
        let because = found.refused.map(str::to_owned).or(found.whole);
        let path = || found.marks.into_keys().next().map(GitObeys::Path);
        because.map(GitObeys::Anything).or_else(path)
    }
}
