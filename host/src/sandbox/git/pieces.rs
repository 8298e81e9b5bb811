//! What a command names: paths, each with when it stays as it is.
//!
//! Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::config::Entry;
use super::shapes::PATH_MAX;
use super::words::Reason;

/// How many paths a command may name.
pub(super) const PATHS_MAX: usize = 4096;

/// When a path stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Hold {
    /// Where it is a file.
    File,
    /// Where it is there, a folder as a whole.
    There,
    /// Also where it is not there.
    Always,
}

/// What a command names.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    /// What may be paths.
    pub(super) paths: BTreeMap<Vec<u8>, Hold>,
    /// Settings of git's for what it starts.
    pub(super) settings: BTreeSet<Entry>,
    /// It executes, or enters, something that is seen from where it is started.
    pub(super) relative: bool,
    /// Why it is not understood: it may execute whatever lies in the workspace.
    pub(super) open: Option<Reason>,
    /// It names more than is looked at.
    pub(super) too_much: bool,
}

impl Pieces {
    /// Takes a text for a path.
    pub(super) fn add(&mut self, text: Vec<u8>, hold: Hold) {
        if text.is_empty() || text.len() > PATH_MAX {
            return;
        }
        let held = self.paths.entry(text).or_insert(hold);
        *held = hold.max(*held);
        self.too_much |= self.paths.len() > PATHS_MAX;
    }
}
