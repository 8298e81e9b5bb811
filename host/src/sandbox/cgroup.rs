//! Limits on a whole process tree, by control groups: one group a tree, made
//! before its command and removed after its end, below one for all trees of a
//! sandbox (`top`).
//!
//! The command joins by itself, through a descriptor that comes before its order,
//! so that what belongs to the host stays outside.

mod hierarchy;
mod joined;
mod leaf;
mod place;
mod top;

use std::fmt;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use self::hierarchy::{Hierarchy, Version};
pub(super) use self::joined::Joined;
pub use self::leaf::enter_leaf_cgroup;
use self::top::Tops;
use super::Usage;

/// What only a control group limits, for a whole tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    memory: bool,
    pids: bool,
    weight: bool,
}

/// Where the host may make groups.
#[derive(Debug)]
pub(super) struct Cgroups {
    memory: Result<Hierarchy, String>,
    pids: Result<Hierarchy, String>,
    weight: Result<Hierarchy, String>,
    tops: Tops,
    /// Groups that could not be removed yet.
    left: Mutex<Vec<PathBuf>>,
}

/// The groups of one tree. They are removed with the last that holds this.
#[derive(Debug)]
pub(super) struct Groups {
    groups: Vec<Group>,
    all: Arc<Cgroups>,
}

#[derive(Debug)]
struct Group {
    version: Version,
    path: PathBuf,
    limited: Limited,
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
            memory: self.memory.is_some(),
            pids: self.pids.is_some(),
            weight: self.weight.is_some(),
        }
    }
}

impl Limited {
    fn has(self, limit: TreeLimit) -> bool {
        match limit {
            TreeLimit::Memory => self.memory,
            TreeLimit::Pids => self.pids,
            TreeLimit::Weight => self.weight,
        }
    }

    fn add(&mut self, limit: TreeLimit) {
        match limit {
            TreeLimit::Memory => self.memory = true,
            TreeLimit::Pids => self.pids = true,
            TreeLimit::Weight => self.weight = true,
        }
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
        let mut find = |limit| tops.find(limit);
        Self {
            memory: find(TreeLimit::Memory),
            pids: find(TreeLimit::Pids),
            weight: find(TreeLimit::Weight),
            tops,
            left: Mutex::default(),
        }
    }

    fn hierarchy(&self, limit: TreeLimit) -> &Result<Hierarchy, String> {
        match limit {
            TreeLimit::Memory => &self.memory,
            TreeLimit::Pids => &self.pids,
            TreeLimit::Weight => &self.weight,
        }
    }

    /// Why a limit cannot be had; `None` when it can.
    pub(super) fn refusal(&self, limit: TreeLimit) -> Option<&str> {
        self.hierarchy(limit).as_ref().err().map(String::as_str)
    }

    /// Whether a limit has another hierarchy than memory.
    pub(super) fn is_apart(&self, limit: TreeLimit) -> bool {
        self.hierarchy(limit).as_ref().ok() != self.memory.as_ref().ok()
    }

    /// The memory of all trees together, in bytes, where it is limited.
    pub(super) fn memory_of_all(&self) -> Option<u64> {
        self.tops.memory()
    }

    /// Makes the groups for a tree; `None` when it needs none.
    pub(super) fn groups(self: &Arc<Self>, limits: TreeLimits) -> io::Result<Option<Arc<Groups>>> {
        self.remove_left();
        let mut made = Groups {
            groups: Vec::new(),
            all: Arc::clone(self),
        };
        let which = limits.which();
        for limit in TreeLimit::ALL.into_iter().filter(|limit| which.has(*limit)) {
            made.group(self.hierarchy(limit))?.limited.add(limit);
        }
        made.limit(limits)?;
        Ok((!made.groups.is_empty()).then(|| Arc::new(made)))
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
        self.remove_left();
    }
}

impl Groups {
    /// The group in a hierarchy, made unless it is there.
    fn group(&mut self, hierarchy: &Result<Hierarchy, String>) -> io::Result<&mut Group> {
        let hierarchy = hierarchy
            .as_ref()
            .map_err(|reason| io::Error::other(reason.clone()))?;
        let is_here = |group: &Group| group.path.parent() == Some(&hierarchy.parent);
        let index = match self.groups.iter().position(is_here) {
            Some(index) => index,
            None => {
                self.groups.push(Group {
                    version: hierarchy.version,
                    path: hierarchy.make_group()?,
                    limited: Limited::default(),
                });
                self.groups.len() - 1
            }
        };
        Ok(&mut self.groups[index])
    }

    #[cfg(test)]
    pub(super) fn paths(&self) -> Vec<PathBuf> {
        self.groups.iter().map(|group| group.path.clone()).collect()
    }

    /// The files by which a process of one thread joins.
    pub(super) fn entrances(&self) -> io::Result<Vec<OwnedFd>> {
        let open = |group: &Group| {
            let entrance = match group.version {
                // A thread that moves itself has no others to wait for; a process
                // waits for all that fork, several milliseconds.
                Version::One => "tasks",
                Version::Two => "cgroup.procs",
            };
            let file = fs::OpenOptions::new()
                .write(true)
                .open(group.path.join(entrance))?;
            Ok(file.into())
        };
        self.groups.iter().map(open).collect()
    }

    /// Sets other limits of the kinds that the groups were made for.
    pub(super) fn limit(&self, limits: TreeLimits) -> io::Result<()> {
        for group in &self.groups {
            if let Some(bytes) = limits.memory.filter(|_| group.limited.memory) {
                group.limit_memory(bytes)?;
                group.end_all_where_one_is_killed()?;
            }
            if let Some(pids) = limits.pids.filter(|_| group.limited.pids) {
                group.limit_pids(pids)?;
            }
        }
        match limits.weight {
            Some(weight) => self.all.tops.weigh(weight),
            None => Ok(()),
        }
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
        for group in self.groups.drain(..) {
            self.all.remove(group.path);
        }
    }
}

impl Group {
    fn limit_memory(&self, bytes: u64) -> io::Result<()> {
        let bytes = bytes.to_string();
        match self.version {
            Version::One => {
                // Memory and swap together, where swap is counted, are never less
                // than memory: what grows first is both, and what shrinks, memory.
                let both = "memory.memsw.limit_in_bytes";
                if self.write("memory.limit_in_bytes", &bytes).is_err() {
                    self.write_if_there(both, &bytes)?;
                    self.write("memory.limit_in_bytes", &bytes)?;
                }
                self.write_if_there(both, &bytes)
            }
            Version::Two => {
                self.write("memory.max", &bytes)?;
                self.write_if_there("memory.swap.max", "0")
            }
        }
    }

    /// A tree of which the kernel has killed a part for its memory is of no use.
    fn end_all_where_one_is_killed(&self) -> io::Result<()> {
        match self.version {
            Version::One => Ok(()),
            Version::Two => self.write("memory.oom.group", "1"),
        }
    }

    fn limit_pids(&self, pids: u32) -> io::Result<()> {
        self.write("pids.max", &pids.to_string())
    }

    fn weigh(&self, weight: u32) -> io::Result<()> {
        match self.version {
            // There a process that is in no group of its own has 1024.
            Version::One => {
                let shares = u64::from(weight) * 1024 / 100;
                self.write("cpu.shares", &shares.to_string())
            }
            Version::Two => self.write("cpu.weight", &weight.to_string()),
        }
    }

    fn has_met(&self, limit: TreeLimit) -> bool {
        let (file, word) = match (limit, self.version) {
            (TreeLimit::Memory, Version::One) => ("memory.oom_control", "oom_kill"),
            (TreeLimit::Memory, Version::Two) => ("memory.events", "oom_kill"),
            (TreeLimit::Pids, _) => ("pids.events", "max"),
            // It slows and ends nothing.
            (TreeLimit::Weight, _) => return false,
        };
        self.limited.has(limit) && self.count(file, word).is_some_and(|count| count > 0)
    }

    fn cpu(&self) -> Option<Duration> {
        match self.version {
            Version::One => None,
            Version::Two => self
                .count("cpu.stat", "usage_usec")
                .map(Duration::from_micros),
        }
    }

    fn peak_memory(&self) -> Option<u64> {
        let file = match self.version {
            Version::One => "memory.max_usage_in_bytes",
            Version::Two => "memory.peak",
        };
        let text = self
            .limited
            .memory
            .then(|| fs::read_to_string(self.path.join(file)).ok())?;
        text?.trim().parse().ok()
    }

    /// The number behind a word in a file of such lines.
    fn count(&self, file: &str, word: &str) -> Option<u64> {
        let text = fs::read_to_string(self.path.join(file)).ok()?;
        text.lines().find_map(|line| {
            let (name, count) = line.split_once(' ')?;
            (name == word).then(|| count.trim().parse().ok())?
        })
    }

    fn write(&self, file: &str, text: &str) -> io::Result<()> {
        fs::write(self.path.join(file), text)
    }

    fn write_if_there(&self, file: &str, text: &str) -> io::Result<()> {
        if self.path.join(file).exists() {
            self.write(file, text)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
