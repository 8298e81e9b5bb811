//! Turns the limits of a command into those of the kernel.
//!
//! Pure, but for [`Ceilings::of_host`].

use rustix::process::{Resource, getrlimit};

use super::command::Limits;
use crate::sandbox::KernelLimit;

/// What the host sets where a command asks for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Defaults {
    pub(super) open_files: u32,
    pub(super) pids: u32,
}

/// What the machine can enforce. `None` is unlimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Ceilings {
    /// The kernel ignores the number of processes of its root user.
    pub(super) kernel_root: bool,
    pub(super) open_files: Option<u64>,
    pub(super) pids: Option<u64>,
    pub(super) cpu_seconds: Option<u64>,
    pub(super) file_size: Option<u64>,
}

impl Ceilings {
    /// The hard limits of the host, which its processes inherit.
    pub(super) fn of_host(kernel_root: bool) -> Self {
        let hard = |resource| getrlimit(resource).maximum;
        Self {
            kernel_root,
            open_files: hard(Resource::Nofile),
            pids: hard(Resource::Nproc),
            cpu_seconds: hard(Resource::Cpu),
            file_size: hard(Resource::Fsize),
        }
    }
}

/// Processes of a sandbox that are not the command's: the init.
const OWN_PROCESSES: u64 = 1;

/// The kernel's limits, or why one cannot be had.
pub(super) fn kernel_limits(
    asked: &Limits,
    defaults: Defaults,
    ceilings: &Ceilings,
) -> Result<Vec<KernelLimit>, String> {
    if asked.memory.is_some() {
        return Err(
            "memory: no delegated cgroup, without which a process tree's memory cannot be limited"
                .into(),
        );
    }
    let mut limits = vec![both(libc::RLIMIT_CORE, 0)];

    let open_files = match asked.open_files {
        Some(asked) => within("open-files", asked.into(), ceilings.open_files)?,
        None => at_most(defaults.open_files.into(), ceilings.open_files),
    };
    limits.push(both(libc::RLIMIT_NOFILE, open_files));

    match asked.pids {
        Some(_) if ceilings.kernel_root => {
            return Err(
                "pids: processes are root to the kernel here, and it does not limit root's; run \
                 the host as an ordinary user, or give the workspace to one"
                    .into(),
            );
        }
        Some(asked) => {
            let pids = within("pids", u64::from(asked) + OWN_PROCESSES, ceilings.pids)?;
            limits.push(both(libc::RLIMIT_NPROC, pids));
        }
        None => {
            let pids = at_most(u64::from(defaults.pids) + OWN_PROCESSES, ceilings.pids);
            limits.push(both(libc::RLIMIT_NPROC, pids));
        }
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
    Ok(limits)
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
