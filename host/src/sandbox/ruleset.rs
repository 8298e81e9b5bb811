//! What the init has the kernel hold a command to by Landlock, or only compare, as data.

use std::path::PathBuf;

use super::further::FurtherPath;
use super::identity::Identity;

/// What Landlock is about, and what it gives all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ruleset {
    /// The rights on files that are refused unless a rule gives them.
    pub(super) files: u64,
    /// The same on the network.
    pub(super) network: u64,
    /// What does not reach beyond the process and what it starts.
    pub(super) scopes: u64,
    pub(super) rules: Vec<Rule>,
}

/// Rights on a file, or on all that is beneath a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) path: PathBuf,
    pub(super) rights: u64,
    /// The path may be missing.
    pub(super) optional: bool,
    /// What has to be there, where somebody could put another file.
    pub(super) identity: Option<Identity>,
}

impl Rule {
    /// Rights on what has to be there.
    pub(super) fn new(path: impl Into<PathBuf>, rights: u64) -> Self {
        Self {
            path: path.into(),
            rights,
            optional: false,
            identity: None,
        }
    }
}

/// Rules for further paths, each of which has to lead to what it led to when the host
/// looked.
pub(super) fn further(paths: &[FurtherPath<'_>], rights: u64) -> impl Iterator<Item = Rule> {
    paths.iter().map(move |further| Rule {
        identity: Some(further.identity),
        ..Rule::new(further.path, rights)
    })
}

/// Where Landlock does not confine: the further paths, only to be compared with
/// what was judged.
pub(super) fn comparisons(paths: &[FurtherPath<'_>]) -> Ruleset {
    Ruleset {
        files: 0,
        network: 0,
        scopes: 0,
        rules: further(paths, 0).collect(),
    }
}
