//! Turns the limits of a command into those of the kernel.
//!
//! Pure, but for [`Ceilings::of_host`].

use rustix::process::{Resource, getrlimit};

use super::settings::{ProcessSettings, TreeBound};
use crate::policy::command::Limits;
use crate::sandbox::{Counted, KernelLimit, Sandbox, TreeLimit, TreeLimits};

/// What the machine can enforce. `None` is unlimited.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Ceilings {
    /// Why no control group limits a tree's memory; `None` when one does.
    pub(super) no_memory: Option<String>,
    /// Why none limits the number of its processes.
    pub(super) no_pids: Option<String>,
    /// Why none has it weigh less than the host.
    pub(super) no_weight: Option<String>,
    /// The memory of all trees together, in bytes.
    pub(super) memory: Option<u64>,
    /// The number of processes takes a control group besides the one for memory, as
    /// with version 1.
    pub(super) pids_apart: bool,
    /// So does the weight.
    pub(super) weight_apart: bool,
    /// What the kernel holds to a number of processes by itself.
    pub(super) counted: Counted,
    /// The init of a sandbox has a thread that answers for the filter of system calls.
    pub(super) supervised: bool,
    pub(super) open_files: Option<u64>,
    pub(super) pids: Option<u64>,
    pub(super) cpu_seconds: Option<u64>,
    pub(super) file_size: Option<u64>,
}

impl Ceilings {
    /// The hard limits of the host, which its processes inherit, and what its
    /// control groups limit.
    pub(super) fn of_host(sandbox: &Sandbox) -> Self {
        let hard = |resource| getrlimit(resource).maximum;
        Self {
            no_memory: sandbox.refusal(TreeLimit::Memory),
            no_pids: sandbox.refusal(TreeLimit::Pids),
            no_weight: sandbox.refusal(TreeLimit::Weight),
            memory: sandbox.memory_of_all(),
            pids_apart: sandbox.is_apart(TreeLimit::Pids),
            weight_apart: sandbox.is_apart(TreeLimit::Weight),
            counted: sandbox.counted(),
            supervised: sandbox.is_supervised(),
            open_files: hard(Resource::Nofile),
            pids: hard(Resource::Nproc),
            cpu_seconds: hard(Resource::Cpu),
            file_size: hard(Resource::Fsize),
        }
    }
}

impl Ceilings {
    /// What the kernel counts of a sandbox that is not the command's: the init, with its
    /// threads.
    fn own_processes(&self) -> u64 {
        1 + u64::from(self.supervised)
    }
}

/// The limits of each process and those of the tree, or why one cannot be had.
/// `defaults` are what the host sets where a command asks for nothing, and the most that
/// it may ask for, but of open files.
pub(super) fn limits(
    asked: &Limits,
    defaults: &ProcessSettings,
    ceilings: &Ceilings,
) -> Result<(Vec<KernelLimit>, TreeLimits), String> {
    let mut limits = vec![both(libc::RLIMIT_CORE, 0)];

    let open_files = match asked.open_files {
        Some(asked) => within("open-files", asked.into(), ceilings.open_files)?,
        None => at_most(defaults.open_files.into(), ceilings.open_files),
    };
    limits.push(both(libc::RLIMIT_NOFILE, open_files));

    let (pids, of_each) = pids(asked.pids, defaults.pids, ceilings)?;
    limits.extend(of_each);
    if let Some(asked) = asked.cpu_seconds {
        let soft = within("cpu-seconds", asked, ceilings.cpu_seconds)?;
        // A second later the kernel kills what ignores the signal. With equal
        // limits it would kill at once, and nobody could tell for what.
        let hard = at_most(soft.saturating_add(1), ceilings.cpu_seconds);
        limits.push(limit(libc::RLIMIT_CPU, soft, hard));
    }
    if let Some(asked) = asked.file_size {
        let asked = allowed("file-size", asked, defaults.file_size)?;
        let size = within("file-size", asked, ceilings.file_size)?;
        limits.push(both(libc::RLIMIT_FSIZE, size));
    } else if let Some(size) = defaults.file_size {
        let size = at_most(size, ceilings.file_size);
        limits.push(both(libc::RLIMIT_FSIZE, size));
    }
    let tree = TreeLimits {
        memory: memory(asked.memory, defaults.memory, ceilings)?,
        pids,
        weight: weight(defaults.cpu_weight, ceilings)?,
    };
    Ok((limits, tree))
}

/// A tree's memory.
fn memory(
    asked: Option<u64>,
    bound: TreeBound<u64>,
    ceilings: &Ceilings,
) -> Result<Option<u64>, String> {
    if let Some(asked) = asked {
        allowed("memory", asked, bound.most())?;
    }
    match (asked, bound, &ceilings.no_memory) {
        (Some(_), _, Some(reason)) | (None, TreeBound::Required(_), Some(reason)) => Err(format!(
            "memory{}: no delegated cgroup, without which a process tree's memory cannot be \
             limited: {reason}",
            whose(asked.is_some())
        )),
        (None, TreeBound::WherePossible(_), Some(_)) | (None, TreeBound::Unbounded, _) => Ok(None),
        (None, TreeBound::WherePossible(most), None) => Ok(Some(at_most(most, ceilings.memory))),
        (None, TreeBound::Required(most), None) => Ok(Some(most)),
        (Some(asked), _, None) => Ok(Some(asked)),
    }
}

/// The number of a tree's processes, for its control group and for the kernel's own
/// count.
fn pids(
    asked: Option<u32>,
    bound: TreeBound<u32>,
    ceilings: &Ceilings,
) -> Result<(Option<u32>, Option<KernelLimit>), String> {
    if let Some(asked) = asked {
        allowed("pids", asked.into(), bound.most().map(u64::from))?;
    }
    let wanted = asked.or(bound.most());
    let must = asked.is_some() || matches!(bound, TreeBound::Required(_));
    let tree = match (&ceilings.no_pids, ceilings.counted) {
        // The kernel counts by itself, and one more group to join costs each start.
        (None, Counted::Tree) if asked.is_none() && ceilings.pids_apart => None,
        (None, _) => wanted,
        (Some(reason), Counted::User) if must => {
            return Err(format!(
                "pids{}: without namespaces the kernel counts all processes of a user together, \
                 and those of a command only by a cgroup: {reason}",
                whose(asked.is_some())
            ));
        }
        (Some(reason), Counted::Nothing) if must => {
            return Err(format!(
                "pids{}: processes are root to the kernel here, and it limits root's only by a \
                 cgroup; run the host as an ordinary user, or give the workspace to one: {reason}",
                whose(asked.is_some())
            ));
        }
        (Some(_), _) => None,
    };
    // What else its user runs must not count against it.
    let counts = ceilings.counted != Counted::User;
    let kernel = match wanted.filter(|_| counts) {
        None => None,
        Some(_) if tree.is_some() => {
            // More than what the control group allows: that tells when it is met,
            // and the kernel looks at this one first.
            let most = bound.most().max(wanted).map_or(0, u64::from) + ceilings.own_processes() + 1;
            Some(at_most(most, ceilings.pids))
        }
        Some(wanted) if asked.is_some() => Some(within(
            "pids",
            u64::from(wanted) + ceilings.own_processes(),
            ceilings.pids,
        )?),
        Some(wanted) => Some(at_most(
            u64::from(wanted) + ceilings.own_processes(),
            ceilings.pids,
        )),
    };
    Ok((tree, kernel.map(|pids| both(libc::RLIMIT_NPROC, pids))))
}

/// What trees weigh for the processor. No command asks for it.
fn weight(bound: TreeBound<u32>, ceilings: &Ceilings) -> Result<Option<u32>, String> {
    match (bound, &ceilings.no_weight) {
        (TreeBound::Required(_), Some(reason)) => Err(format!(
            "cpu-weight{}: no delegated cgroup, without which process trees weigh as much as \
             the host: {reason}",
            whose(false)
        )),
        (_, Some(_)) => Ok(None),
        // It would be one more group to join and to look at, for each start.
        (TreeBound::WherePossible(_), None) if ceilings.weight_apart => Ok(None),
        (bound, None) => Ok(bound.most()),
    }
}

/// Who wants a limit that cannot be had, unless it is the command.
fn whose(asked: bool) -> &'static str {
    match asked {
        true => "",
        false => " (set by [process] of the operator's file)",
    }
}

/// Refuses what is more than the operator gives.
fn allowed(what: &str, asked: u64, most: Option<u64>) -> Result<u64, String> {
    match most {
        Some(most) if asked > most => Err(format!(
            "{what}: this host gives at most {most}; [process] of the operator's file can give more"
        )),
        _ => Ok(asked),
    }
}

fn within(what: &str, asked: u64, ceiling: Option<u64>) -> Result<u64, String> {
    match ceiling {
        Some(ceiling) if asked > ceiling => Err(format!(
            "{what}: the host itself is limited to {ceiling}, and cannot give more"
        )),
        _ => Ok(asked),
    }
}

fn at_most(wanted: u64, ceiling: Option<u64>) -> u64 {
    ceiling.map_or(wanted, |ceiling| wanted.min(ceiling))
}

fn both(resource: impl TryInto<u32>, value: u64) -> KernelLimit {
    limit(resource, value, value)
}

// The C libraries disagree about the type of the constants.
fn limit(resource: impl TryInto<u32>, soft: u64, hard: u64) -> KernelLimit {
    KernelLimit {
        resource: resource.try_into().unwrap_or(u32::MAX),
        soft,
        hard,
    }
}

#[cfg(test)]
mod tests;
