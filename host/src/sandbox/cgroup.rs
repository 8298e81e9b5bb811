//! Limits on a whole process tree, by control groups: one group a tree, below one
//! for all trees of a sandbox (`top`). A group whose tree has ended is for the next
//! (`idle`).
//!
//! The command joins by itself, through a descriptor that comes before its order,
//! so that what belongs to the host stays outside.

mod group;
mod group_name;
mod hierarchy;
mod idle;
mod inside;
mod leaf;
mod place;
mod top;

use std::fmt;
use std::fs;
use std::io;
use std::mem;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use self::group::Group;
use self::hierarchy::Hierarchy;
use self::idle::Idle;
pub(super) use self::inside::MemoryGroup;
pub use self::leaf::enter_leaf_cgroup;
use self::place::Places;
use self::top::Tops;
use super::status::Usage;

/// What only a control group limits, for a whole tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TreeLimit {
    /// Memory.
    Memory,
    /// Processes and threads at the same time.
    Pids,
    /// The weight of the processor beside what else the machine does.
    Weight,
}

/// The limits of one tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct TreeLimits {
    /// In bytes, of all processes together.
    pub(crate) memory: Option<u64>,
    /// Of processes and threads.
    pub(crate) pids: Option<u32>,
    /// Of all trees together beside the host, which has 100. Among themselves
    /// trees weigh the same.
    pub(crate) weight: Option<u32>,
}

/// Which limits a tree has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Limited {
    /// By [`TreeLimit`].
    has: [bool; TreeLimit::ALL.len()],
    /// The memory is so little that nothing of another tree may count against it.
    is_small: bool,
}

/// Where the host may make groups.
#[derive(Debug)]
pub(super) struct Cgroups {
    /// For each [`TreeLimit`], or why nowhere.
    hierarchies: [Result<Hierarchy, String>; TreeLimit::ALL.len()],
    tops: Tops,
    /// The host's own group of version 2.
    own: Option<PathBuf>,
    /// Those that the next tree gets.
    idle: Idle,
    /// Groups that could not be removed yet.
    left: Mutex<Vec<PathBuf>>,
}

/// The groups of one tree. With the last that holds this they are given back.
#[derive(Debug)]
pub(super) struct Groups {
    groups: Vec<Group>,
    /// What they limit now.
    limits: Mutex<TreeLimits>,
    all: Arc<Cgroups>,
}

impl TreeLimit {
    pub(super) const ALL: [Self; 3] = [Self::Memory, Self::Pids, Self::Weight];

    /// The kernel's name of what limits it.
    fn controller(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Pids => "pids",
            Self::Weight => "cpu",
        }
    }
}

impl TreeLimits {
    /// Which of them there are.
    pub(super) fn which(self) -> Limited {
        Limited {
            has: [
                self.memory.is_some(),
                self.pids.is_some(),
                self.weight.is_some(),
            ],
            is_small: self.memory.is_some_and(|bytes| bytes < idle::LEAST),
        }
    }
}

impl Limited {
    fn has(self, limit: TreeLimit) -> bool {
        self.has[limit as usize]
    }

    fn add(&mut self, limit: TreeLimit) {
        self.has[limit as usize] = true;
    }
}

impl fmt::Display for TreeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.controller())
    }
}

impl Cgroups {
    /// Finds where groups can be made, and removes what a host left that was killed.
    pub(super) fn find() -> Self {
        let mut tops = Tops::default();
        Self {
            hierarchies: TreeLimit::ALL.map(|limit| tops.find(limit)),
            tops,
            own: Places::read().ok().and_then(|places| places.own()),
            idle: Idle::default(),
            left: Mutex::default(),
        }
        .keeping()
    }

    /// Has groups kept for other trees where the kernel can begin their counts anew:
    /// in version 2 the peak of memory can be since Linux 6.12.
    fn keeping(mut self) -> Self {
        let mut which = Limited::default();
        if self.hierarchy(TreeLimit::Memory).is_ok() {
            which.add(TreeLimit::Memory);
        }
        let mut tried = self.make(which).unwrap_or_default();
        self.idle.keeps = tried.iter_mut().all(|group| group.restart_counts().is_ok());
        tried.into_iter().for_each(|group| self.remove(group.path));
        self
    }

    fn hierarchy(&self, limit: TreeLimit) -> &Result<Hierarchy, String> {
        &self.hierarchies[limit as usize]
    }

    /// Why a limit cannot be had; `None` when it can.
    pub(super) fn refusal(&self, limit: TreeLimit) -> Option<&str> {
        self.hierarchy(limit).as_ref().err().map(String::as_str)
    }

    /// Whether a limit has another hierarchy than memory.
    pub(super) fn is_apart(&self, limit: TreeLimit) -> bool {
        self.hierarchy(limit).as_ref().ok() != self.hierarchy(TreeLimit::Memory).as_ref().ok()
    }

    /// The memory of all trees together, in bytes, where it is limited.
    pub(super) fn memory_of_all(&self) -> Option<u64> {
        self.tops.memory()
    }

    /// The groups for a tree, those of one that has ended or new ones; `None` when
    /// it needs none.
    pub(super) fn groups(self: &Arc<Self>, limits: TreeLimits) -> io::Result<Option<Arc<Groups>>> {
        self.remove_left();
        let which = limits.which();
        if which == Limited::default() {
            return Ok(None);
        }
        let (groups, set) = match self.used_before(which) {
            Some(used) => used,
            None => (self.make(which)?, TreeLimits::default()),
        };
        let groups = Groups {
            groups,
            limits: Mutex::new(set),
            all: Arc::clone(self),
        };
        groups.limit(limits)?;
        Ok(Some(Arc::new(groups)))
    }

    /// Groups of a tree that has ended, which count from here, and what they limit.
    fn used_before(&self, which: Limited) -> Option<(Vec<Group>, TreeLimits)> {
        loop {
            let (mut groups, set) = self.idle.take(which)?;
            if groups
                .iter_mut()
                .all(|group| group.restart_counts().is_ok())
            {
                return Some((groups, set));
            }
            // Somebody has removed one.
            groups.into_iter().for_each(|group| self.remove(group.path));
        }
    }

    /// One group in each hierarchy that limits of these kinds take.
    fn make(&self, which: Limited) -> io::Result<Vec<Group>> {
        let mut made: Vec<Group> = Vec::new();
        for limit in TreeLimit::ALL.into_iter().filter(|limit| which.has(*limit)) {
            let hierarchy = self.hierarchy(limit).as_ref();
            let hierarchy = hierarchy.map_err(|reason| io::Error::other(reason.clone()))?;
            if let Some(group) = made.iter_mut().find(|group| group.is_in(hierarchy)) {
                group.limited.add(limit);
                continue;
            }
            match Group::make(hierarchy) {
                Ok(mut group) => {
                    group.limited.add(limit);
                    made.push(group);
                }
                Err(error) => {
                    made.into_iter().for_each(|group| self.remove(group.path));
                    return Err(error);
                }
            }
        }
        Ok(made)
    }

    /// Keeps the groups of a tree for the next, or removes them.
    fn give_back(&self, groups: Vec<Group>, limits: TreeLimits) {
        for group in self.idle.keep(groups, limits) {
            self.remove(group.path);
        }
    }

    fn remove(&self, path: PathBuf) {
        if fs::remove_dir(&path).is_err() && path.exists() {
            // Its last process may not be gone yet.
            let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
            left.push(path);
        }
    }

    fn remove_left(&self) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.retain(|path| fs::remove_dir(path).is_err() && path.exists());
    }
}

impl Drop for Cgroups {
    fn drop(&mut self) {
        for group in self.idle.empty() {
            self.remove(group.path);
        }
        self.remove_left();
    }
}

impl Groups {
    /// The one that limits the memory.
    pub(super) fn memory(&self) -> Option<MemoryGroup> {
        let mut groups = self.groups.iter();
        let group = groups.find(|group| group.limited.has(TreeLimit::Memory))?;
        let own = self.all.own.as_deref();
        Some(MemoryGroup::new(group.version, &group.path, own))
    }

    /// Where the machine has them.
    pub(super) fn paths(&self) -> Vec<PathBuf> {
        self.groups.iter().map(|group| group.path.clone()).collect()
    }

    /// The files by which a process of one thread joins.
    pub(super) fn entrances(&self) -> io::Result<Vec<OwnedFd>> {
        self.groups.iter().map(Group::entrance).collect()
    }

    /// Sets other limits of the kinds that the groups were made for.
    pub(super) fn limit(&self, limits: TreeLimits) -> io::Result<()> {
        if let Some(weight) = limits.weight {
            self.all.tops.weigh(weight)?;
        }
        let mut set = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        if *set == limits {
            return Ok(());
        }
        // Until all are set, it is not known what they limit.
        *set = TreeLimits::default();
        for group in &self.groups {
            group.limit(limits)?;
        }
        *set = limits;
        Ok(())
    }

    /// The limit that the tree has met: for memory, a process was killed; for
    /// the number, one could not be started.
    pub(super) fn hit(&self) -> Option<TreeLimit> {
        let met = |limit| self.groups.iter().any(|group| group.has_met(limit));
        TreeLimit::ALL.into_iter().find(|limit| met(*limit))
    }

    /// Takes the figures of the groups where they have some: those are of the
    /// whole tree at once.
    pub(super) fn refine(&self, usage: &mut Usage) {
        for group in &self.groups {
            if let Some(cpu) = group.cpu() {
                usage.cpu = cpu;
            }
            if let Some(peak) = group.peak_memory() {
                usage.peak_memory = peak;
            }
        }
    }
}

impl Drop for Groups {
    fn drop(&mut self) {
        let limits = self
            .limits
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        self.all.give_back(mem::take(&mut self.groups), *limits);
    }
}

#[cfg(test)]
mod tests;
