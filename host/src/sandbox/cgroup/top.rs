//! The groups that hold all trees of a sandbox: what they may use together, and
//! what they weigh beside the host.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::TreeLimit;
use super::group::Group;
use super::hierarchy::{self, Hierarchy};
use super::place::Version;

/// One for each hierarchy. They are removed with this.
#[derive(Debug, Default)]
pub(super) struct Tops {
    tops: Vec<Top>,
    /// In bytes.
    memory: Option<u64>,
    /// What they weigh now.
    weight: Mutex<Option<u32>>,
}

#[derive(Debug)]
struct Top {
    /// Where it was made.
    place: Hierarchy,
    group: Group,
}

impl Tops {
    /// Where the groups of trees are made for a limit, or why nowhere.
    pub(super) fn find(&mut self, limit: TreeLimit) -> Result<Hierarchy, String> {
        let place = Hierarchy::find(limit.controller())?;
        let failed = |error: io::Error| {
            let place = place.parent.display();
            format!("{place}: the group for all process trees cannot be made: {error}")
        };
        let index = match self.tops.iter().position(|top| top.place == place) {
            Some(index) => index,
            None => {
                place.remove_orphans();
                self.tops.push(Top::make(&place).map_err(failed)?);
                self.tops.len() - 1
            }
        };
        let top = &mut self.tops[index];
        let memory = top.hold(limit).map_err(failed)?;
        self.memory = memory.or(self.memory);
        Ok(Hierarchy {
            version: place.version,
            parent: top.group.path.clone(),
        })
    }

    /// The memory of all trees together, in bytes.
    pub(super) fn memory(&self) -> Option<u64> {
        self.memory
    }

    /// Sets what all trees together weigh beside the host, which has 100.
    pub(super) fn weigh(&self, weight: u32) -> io::Result<()> {
        let mut now = self.weight.lock().unwrap_or_else(PoisonError::into_inner);
        if *now == Some(weight) {
            return Ok(());
        }
        let weighed = |top: &&Top| top.group.limited.has(TreeLimit::Weight);
        for top in self.tops.iter().filter(weighed) {
            top.group.weigh(weight)?;
        }
        *now = Some(weight);
        Ok(())
    }
}

impl Drop for Tops {
    fn drop(&mut self) {
        for top in &self.tops {
            // One that is still in use is removed by the next host.
            let _ = hierarchy::remove(&top.group.path);
        }
    }
}

impl Top {
    fn make(place: &Hierarchy) -> io::Result<Self> {
        Ok(Self {
            place: place.clone(),
            group: Group::make(place)?,
        })
    }

    /// Limits all trees together, and has those below be limited. Gives the
    /// memory, if that is what is limited.
    fn hold(&mut self, limit: TreeLimit) -> io::Result<Option<u64>> {
        if self.place.version == Version::Two {
            let controller = format!("+{}", limit.controller());
            self.group.write("cgroup.subtree_control", &controller)?;
        }
        self.group.limited.add(limit);
        match limit {
            TreeLimit::Memory => {
                let bytes = self.memory();
                self.group.limit_memory(bytes)?;
                Ok(Some(bytes))
            }
            TreeLimit::Pids => {
                let pids = most_processes() / 2;
                self.group.limit_pids(pids.max(1))?;
                Ok(None)
            }
            // What it is, the trees say.
            TreeLimit::Weight => Ok(None),
        }
    }

    /// Three quarters of what the host itself may have, so that the kernel never
    /// has to choose between the host and a tree.
    fn memory(&self) -> u64 {
        let machine = memory_of_machine().unwrap_or(u64::MAX);
        let file = self.place.version.of("memory.limit_in_bytes", "memory.max");
        let own = number(&self.place.parent.join(file)).unwrap_or(machine);
        machine.min(own) / 4 * 3
    }
}

/// In bytes.
fn memory_of_machine() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    kib.checked_mul(1024)
}

/// As many processes as the kernel has at a time.
fn most_processes() -> u32 {
    let settings = ["pid_max", "threads-max"];
    let most = settings.iter().filter_map(|name| {
        let file = Path::new("/proc/sys/kernel").join(name);
        u32::try_from(number(&file)?).ok()
    });
    most.min().unwrap_or(1 << 15)
}

fn number(file: &Path) -> Option<u64> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}
