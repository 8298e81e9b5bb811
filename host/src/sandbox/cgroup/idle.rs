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
/// counts against the next tree: what the kernel charges ahead, and files that are
/// cached. A sixteenth of a limit that is small.
const LEFT: u64 = 4 << 20;

#[derive(Debug, Default)]
pub(super) struct Idle(Mutex<Vec<Unused>>);

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
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The last that was in use is the one that the processor knows.
        let index = idle.iter().rposition(|unused| unused.which() == which)?;
        let Unused { groups, limits } = idle.remove(index);
        Some((groups, limits))
    }

    /// Keeps groups for another tree. Gives back those that cannot be used again.
    pub(super) fn keep(&self, mut groups: Vec<Group>, limits: TreeLimits) -> Vec<Group> {
        let left = limits.memory.map_or(0, |limit| LEFT.min(limit / 16));
        if !groups.iter().all(|group| is_empty(group, left)) {
            return groups;
        }
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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
        let idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let groups = idle.iter().flat_map(|unused| &unused.groups);
        groups.map(|group| group.path.clone()).collect()
    }

    /// All that are kept.
    pub(super) fn empty(&mut self) -> Vec<Group> {
        let idle = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        let groups = mem::take(idle).into_iter().map(|unused| unused.groups);
        groups.flatten().collect()
    }
}

impl Unused {
    fn which(&self) -> Limited {
        let has = |limit| self.groups.iter().any(|group| group.limited.has(limit));
        Limited::of(has)
    }
}

/// Whether nobody and not more memory than this is left in a group.
fn is_empty(group: &Group, left: u64) -> bool {
    matches!(group.is_in_use(), Ok(false)) && group.memory().is_ok_and(|bytes| bytes <= left)
}
