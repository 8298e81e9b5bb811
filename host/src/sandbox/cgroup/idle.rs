//! Groups that no tree is in, for the next tree: when one is made and when one is
//! removed, the kernel works on after it has answered, on a processor that a command
//! could use.

use std::mem;
use std::sync::{Mutex, PoisonError};

use super::group::Group;
use super::{Limited, TreeLimits};

/// How many trees' groups are kept at most.
const KEPT: usize = 8;

/// In bytes, the most that may still be charged to a group that is used again, and so
/// counts against the next tree: what the kernel charges ahead, and files in memory
/// that are still there.
const LEFT: u64 = 4 << 20;

/// In bytes, the least memory of a tree that gets groups which were used: of what is
/// left in them it hardly notices anything.
pub(super) const LEAST: u64 = 16 * LEFT;

#[derive(Debug, Default)]
pub(super) struct Idle {
    /// Whether groups are kept at all.
    pub(super) keeps: bool,
    kept: Mutex<Vec<Unused>>,
}

/// The groups of a tree that has ended.
#[derive(Debug)]
struct Unused {
    groups: Vec<Group>,
    /// What they limit.
    limits: TreeLimits,
}

impl Idle {
    /// Groups for limits of these kinds, and what they limit now.
    pub(super) fn take(&self, which: Limited) -> Option<(Vec<Group>, TreeLimits)> {
        let mut idle = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        // The last that was in use is the one that the processor knows.
        let index = idle
            .iter()
            .rposition(|unused| unused.limits.which() == which)?;
        let Unused { groups, limits } = idle.remove(index);
        Some((groups, limits))
    }

    /// Keeps groups for another tree. Gives back those that cannot be used again.
    pub(super) fn keep(&self, mut groups: Vec<Group>, limits: TreeLimits) -> Vec<Group> {
        let which = limits.which();
        // Where a limit could not be set, it is not known what it is.
        let is_known = which != Limited::default();
        if !self.keeps || !is_known || which.is_small || !groups.iter().all(is_empty) {
            return groups;
        }
        let mut idle = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() >= KEPT {
            return groups;
        }
        // Nothing is open for a tree that is not there.
        groups.iter_mut().for_each(Group::close);
        idle.push(Unused { groups, limits });
        Vec::new()
    }

    #[cfg(test)]
    pub(super) fn paths(&self) -> Vec<std::path::PathBuf> {
        let idle = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let groups = idle.iter().flat_map(|unused| &unused.groups);
        groups.map(|group| group.path.clone()).collect()
    }

    /// All that are kept.
    pub(super) fn empty(&mut self) -> Vec<Group> {
        let idle = self.kept.get_mut().unwrap_or_else(PoisonError::into_inner);
        let groups = mem::take(idle).into_iter().map(|unused| unused.groups);
        groups.flatten().collect()
    }
}

/// Whether nobody and hardly any memory is left in a group.
fn is_empty(group: &Group) -> bool {
    matches!(group.is_in_use(), Ok(false)) && group.memory().is_ok_and(|bytes| bytes <= LEFT)
}
