//! Turns the limits of a command into those of the kernel.
//!
//! Pure, but for [`Ceilings::of_host`].

use rustix::process::{Resource, getrlimit};

use super::command::Limits;
use crate::sandbox::{Counted, KernelLimit, Sandbox, TreeLimit, TreeLimits};

/// What the host sets where a command asks for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Defaults {
    pub(super) open_files: u32,
    pub(super) pids: u32,
}

/// What the machine can enforce. `None` is unlimited.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Ceilings {
    /// Why no control group limits a tree's memory; `None` when one does.
    pub(super) no_memory: Option<String>,
    /// Why none limits the number of its processes.
    pub(super) no_pids: Option<String>,
    /// What the kernel holds to a number of processes by itself.
    pub(super) counted: Counted,
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
            counted: sandbox.counted(),
            open_files: hard(Resource::Nofile),
            pids: hard(Resource::Nproc),
            cpu_seconds: hard(Resource::Cpu),
            file_size: hard(Resource::Fsize),
        }
    }
}

/// Processes of a sandbox that are not the command's: the init.
const OWN_PROCESSES: u64 = 1;

/// The limits of each process and those of the tree, or why one cannot be had.
pub(super) fn limits(
    asked: &Limits,
    defaults: Defaults,
    ceilings: &Ceilings,
) -> Result<(Vec<KernelLimit>, TreeLimits), String> {
    let mut tree = TreeLimits::default();
    match (asked.memory, &ceilings.no_memory) {
        (Some(_), Some(reason)) => {
            return Err(format!(
                "memory: no delegated cgroup, without which a process tree's memory cannot be \
                 limited: {reason}"
            ));
        }
        (memory, _) => tree.memory = memory,
    }
    let mut limits = vec![both(libc::RLIMIT_CORE, 0)];

    let open_files = match asked.open_files {
        Some(asked) => within("open-files", asked.into(), ceilings.open_files)?,
        None => at_most(defaults.open_files.into(), ceilings.open_files),
    };
    limits.push(both(libc::RLIMIT_NOFILE, open_files));

    let mut pids = at_most(u64::from(defaults.pids) + OWN_PROCESSES, ceilings.pids);
    match (asked.pids, &ceilings.no_pids) {
        (Some(asked), None) => {
            tree.pids = Some(asked);
            // It must not be less than what the control group allows.
            pids = at_most(pids.max(u64::from(asked) + OWN_PROCESSES), ceilings.pids);
        }
        (Some(_), Some(reason)) if ceilings.counted == Counted::User => {
            return Err(format!(
                "pids: without namespaces the kernel counts all processes of a user together, and \
                 those of a command only by a cgroup: {reason}"
            ));
        }
        (Some(_), Some(reason)) if ceilings.counted == Counted::Nothing => {
            return Err(format!(
                "pids: processes are root to the kernel here, and it limits root's only by a \
                 cgroup; run the host as an ordinary user, or give the workspace to one: {reason}"
            ));
        }
        (Some(asked), Some(_)) => {
            pids = within("pids", u64::from(asked) + OWN_PROCESSES, ceilings.pids)?;
        }
        (None, None) if ceilings.counted != Counted::Tree => tree.pids = Some(defaults.pids),
        (None, _) => {}
    }
    // What else its user runs must not count against it.
    if ceilings.counted != Counted::User {
        limits.push(both(libc::RLIMIT_NPROC, pids));
    }
    if let Some(asked) = asked.cpu_seconds {
        let soft = within("cpu-seconds", asked, ceilings.cpu_seconds)?;
        // A second later the kernel kills what ignores the signal. With equal
        // limits it would kill at once, and nobody could tell for what.
        let hard = at_most(soft.saturating_add(1), ceilings.cpu_seconds);
        limits.push(limit(libc::RLIMIT_CPU, soft, hard));
    }
    if let Some(asked) = asked.file_size {
        let size = within("file-size", asked, ceilings.file_size)?;
        limits.push(both(libc::RLIMIT_FSIZE, size));
    }
    Ok((limits, tree))
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
