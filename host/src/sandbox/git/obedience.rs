//! What git obeys in an open folder that has no repository and is in none's directory.

use std::os::fd::BorrowedFd;
use std::path::Path;

use super::survey::{GitSettings, Limits, Walks, survey_names};

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

    /// Why git obeys what lies in a folder, or the first path there that the
    /// configuration or the hooks of a repository around it name, or a user's
    /// configuration.
    pub(crate) fn of(&self, folder: BorrowedFd<'_>, path: &Path) -> Option<String> {
        let found = survey_names(folder, path, &self.users, Limits::default(), &self.walks);
        let path = || Some(found.marks.keys().next()?.display().to_string());
        let refused = found.refused.map(str::to_owned);
        refused.or_else(|| found.whole.clone()).or_else(path)
    }
}
