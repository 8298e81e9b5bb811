//! One control group: its limits, and what its tree has used and met.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::Duration;

use super::hierarchy::Hierarchy;
use super::place::Version;
use super::{Limited, TreeLimit, TreeLimits};

#[derive(Debug)]
pub(super) struct Group {
    pub(super) version: Version,
    pub(super) path: PathBuf,
    pub(super) limited: Limited,
    /// What the trees before had counted.
    before: Counts,
    /// Where the kernel tells the peak since this file was written to.
    peak: Option<File>,
}

/// What a group counts and never forgets.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    killed: u64,
    refused: u64,
    cpu: Duration,
}

impl Group {
    /// A group that no other host and no other tree has.
    pub(super) fn make(hierarchy: &Hierarchy) -> io::Result<Self> {
        Ok(Self {
            version: hierarchy.version,
            path: hierarchy.make_group()?,
            limited: Limited::default(),
            before: Counts::default(),
            peak: None,
        })
    }

    pub(super) fn is_in(&self, hierarchy: &Hierarchy) -> bool {
        self.path.parent() == Some(&hierarchy.parent)
    }

    /// The file by which a process of one thread joins.
    pub(super) fn entrance(&self) -> io::Result<OwnedFd> {
        // A thread that moves itself has no others to wait for; a process waits for all
        // that fork, several milliseconds.
        let entrance = self.path.join(self.version.of("tasks", "cgroup.procs"));
        Ok(fs::OpenOptions::new().write(true).open(entrance)?.into())
    }

    /// Whether a process is in it.
    pub(super) fn is_in_use(&self) -> io::Result<bool> {
        Ok(!fs::read(self.path.join("cgroup.procs"))?.is_empty())
    }

    /// In bytes, what is charged to it now; 0 where it does not count memory.
    pub(super) fn memory(&self) -> io::Result<u64> {
        if !self.limited.has(TreeLimit::Memory) {
            return Ok(0);
        }
        self.number(self.version.of("memory.usage_in_bytes", "memory.current"))
    }

    /// Has it count from here, for another tree.
    pub(super) fn restart_counts(&mut self) -> io::Result<()> {
        let lacking = || io::Error::other("the kernel does not tell what the group has counted");
        if self.limited.has(TreeLimit::Memory) {
            match self.version {
                Version::One => self.write("memory.max_usage_in_bytes", "0")?,
                Version::Two => {
                    let mut options = fs::OpenOptions::new();
                    let file = self.path.join("memory.peak");
                    let mut peak = options.read(true).write(true).open(file)?;
                    peak.write_all(b"0")?;
                    self.peak = Some(peak);
                }
            }
        }
        let count = |limit| match self.limited.has(limit) {
            true => self.met(limit).ok_or_else(lacking),
            false => Ok(0),
        };
        self.before = Counts {
            killed: count(TreeLimit::Memory)?,
            refused: count(TreeLimit::Pids)?,
            cpu: self.cpu_of_all().unwrap_or_default(),
        };
        Ok(())
    }

    pub(super) fn close(&mut self) {
        self.peak = None;
    }

    /// Sets the limits of the kinds that it was made for.
    pub(super) fn limit(&self, limits: TreeLimits) -> io::Result<()> {
        if let Some(bytes) = limits
            .memory
            .filter(|_| self.limited.has(TreeLimit::Memory))
        {
            self.limit_memory(bytes)?;
            self.end_all_where_one_is_killed()?;
        }
        if let Some(pids) = limits.pids.filter(|_| self.limited.has(TreeLimit::Pids)) {
            self.limit_pids(pids)?;
        }
        Ok(())
    }

    pub(super) fn limit_memory(&self, bytes: u64) -> io::Result<()> {
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

    /// A tree of which the kernel has killed a part for its memory is not usable.
    fn end_all_where_one_is_killed(&self) -> io::Result<()> {
        match self.version {
            Version::One => Ok(()),
            Version::Two => self.write("memory.oom.group", "1"),
        }
    }

    pub(super) fn limit_pids(&self, pids: u32) -> io::Result<()> {
        self.write("pids.max", &pids.to_string())
    }

    pub(super) fn weigh(&self, weight: u32) -> io::Result<()> {
        // In version 1 a process that is in no group of its own has 1024.
        let weight = u64::from(weight) * self.version.of(1024, 100) / 100;
        let file = self.version.of("cpu.shares", "cpu.weight");
        self.write(file, &weight.to_string())
    }

    /// Whether its tree has met a limit.
    pub(super) fn has_met(&self, limit: TreeLimit) -> bool {
        let before = match limit {
            TreeLimit::Memory => self.before.killed,
            TreeLimit::Pids => self.before.refused,
            TreeLimit::Weight => return false,
        };
        self.limited.has(limit) && self.met(limit).is_some_and(|count| count > before)
    }

    /// How often a limit was met, by all trees that it held.
    fn met(&self, limit: TreeLimit) -> Option<u64> {
        let killed = self.version.of("memory.oom_control", "memory.events");
        match limit {
            TreeLimit::Memory => self.count(killed, "oom_kill"),
            TreeLimit::Pids => self.count("pids.events", "max"),
            // It slows and ends nothing.
            TreeLimit::Weight => None,
        }
    }

    /// What its tree has used.
    pub(super) fn cpu(&self) -> Option<Duration> {
        Some(self.cpu_of_all()?.saturating_sub(self.before.cpu))
    }

    fn cpu_of_all(&self) -> Option<Duration> {
        match self.version {
            Version::One => None,
            Version::Two => self
                .count("cpu.stat", "usage_usec")
                .map(Duration::from_micros),
        }
    }

    /// In bytes, the most that was charged since its tree began, what the one before
    /// left included: the kernel lets go of that when it likes, so that it cannot be
    /// taken off.
    pub(super) fn peak_memory(&self) -> Option<u64> {
        if !self.limited.has(TreeLimit::Memory) {
            return None;
        }
        match (self.version, &self.peak) {
            (Version::One, _) => self.number("memory.max_usage_in_bytes").ok(),
            (Version::Two, None) => self.number("memory.peak").ok(),
            (Version::Two, Some(file)) => {
                let mut file: &File = file;
                let mut text = String::new();
                file.rewind().ok()?;
                file.read_to_string(&mut text).ok()?;
                text.trim().parse().ok()
            }
        }
    }

    /// The number behind a word in a file of such lines.
    fn count(&self, file: &str, word: &str) -> Option<u64> {
        let text = fs::read_to_string(self.path.join(file)).ok()?;
        text.lines().find_map(|line| {
            let (name, count) = line.split_once(' ')?;
            (name == word).then(|| count.trim().parse().ok())?
        })
    }

    fn number(&self, file: &str) -> io::Result<u64> {
        let text = fs::read_to_string(self.path.join(file))?;
        text.trim().parse().map_err(io::Error::other)
    }

    pub(super) fn write(&self, file: &str, text: &str) -> io::Result<()> {
        fs::write(self.path.join(file), text)
    }

    fn write_if_there(&self, file: &str, text: &str) -> io::Result<()> {
        if self.path.join(file).exists() {
            self.write(file, text)?;
        }
        Ok(())
    }
}
