//! The limits of this process (`ulimit`), which a worker has too: which of them is below what
//! the worker was given.

use std::time::Duration;

use rustix::process::{Resource, getrlimit};

/// A limit of this process: its option of `ulimit`, and the unit of that.
pub(super) type Ulimit = (Resource, char, u64);
pub(super) const TIME: Ulimit = (Resource::Cpu, 't', 1);
pub(super) const FILE: Ulimit = (Resource::Fsize, 'f', 1 << 10);
pub(super) const SPACE: Ulimit = (Resource::As, 'v', 1 << 10);
pub(super) const DATA: Ulimit = (Resource::Data, 'd', 1 << 10);

/// The address space of a worker that is not its memory: its program and its stacks.
pub(super) const PROGRAM: u64 = 256 << 20;

/// Processor time is counted in such steps, and looked at between them.
const TICK: Duration = Duration::from_millis(100);

/// The lowest of the limits that are below what the worker was given of the same: its option,
/// and its value as `ulimit` shows it.
pub(super) fn below(limits: &[(Ulimit, u64)]) -> Option<(char, u64)> {
    let own = limits
        .iter()
        .filter_map(|&((resource, option, unit), given)| {
            let own = getrlimit(resource).current?;
            (own < given).then_some((own, option, own / unit))
        });
    own.min().map(|(_, option, value)| (option, value))
}

/// Whether a worker that was given so many seconds of processor time has used all at which
/// the kernel kills it.
pub(super) fn is_all(used: Duration, given: u64) -> bool {
    let own = getrlimit(Resource::Cpu).maximum;
    let hard = own.map_or(given, |own| own.min(given));
    used + TICK >= Duration::from_secs(hard)
}
