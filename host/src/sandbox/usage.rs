//! What a process tree has used so far, from the kernel's lists of processes.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use super::status::Usage;

/// One process, as its `stat` file tells.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    /// In clock ticks, its own.
    own: u64,
    /// In clock ticks, of the children that it has waited for.
    waited: u64,
}

/// What the processes of a sandbox have used, from the id of the program that
/// built it, which must not have been reaped. Of those that have ended only the
/// processor time is known. It may miss what starts or ends meanwhile.
pub(super) fn of_sandbox(builder: u32) -> Usage {
    let inits = children(builder).into_iter();
    of_inits(inits.filter_map(|init| {
        let stat = stat(init).filter(|stat| stat.parent == builder)?;
        Some((init, stat))
    }))
}

/// The same where nothing was built, from the id of the init.
pub(super) fn of_tree(init: u32) -> Usage {
    of_inits(stat(init).map(|stat| (init, stat)).into_iter())
}

/// The processor time that a process has used, also when it has ended and was not reaped.
pub(super) fn processor_time(process: u32) -> Option<Duration> {
    stat(process).map(|stat| from_ticks(stat.own + stat.waited))
}

fn of_inits(inits: impl Iterator<Item = (u32, Stat)>) -> Usage {
    let mut ticks = 0;
    let mut usage = Usage::default();
    let mut pending = Vec::new();
    // The builder is the host's, and so is the init; but what the init has
    // waited for was the command's.
    for (init, stat) in inits {
        ticks += stat.waited;
        pending.extend(children(init).into_iter().map(|child| (init, child)));
    }
    while let Some((parent, process)) = pending.pop() {
        // An id whose process has ended meanwhile may be a stranger's.
        let Some(stat) = stat(process).filter(|stat| stat.parent == parent) else {
            continue;
        };
        ticks += stat.own + stat.waited;
        usage.peak_memory = usage.peak_memory.max(peak_memory(process).unwrap_or(0));
        pending.extend(children(process).into_iter().map(|child| (process, child)));
    }
    usage.cpu = from_ticks(ticks);
    usage
}

fn from_ticks(ticks: u64) -> Duration {
    let a_second = rustix::param::clock_ticks_per_second().max(1);
    let rest = ticks % a_second * 1_000_000_000 / a_second;
    Duration::from_secs(ticks / a_second) + Duration::from_nanos(rest)
}

/// The living children of every thread of a process.
fn children(process: u32) -> Vec<u32> {
    let Ok(threads) = fs::read_dir(path(process, "task")) else {
        return Vec::new();
    };
    let lists = threads
        .filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("children")).ok())
        .collect::<String>();
    lists
        .split_whitespace()
        .filter_map(|child| child.parse().ok())
        .collect()
}

fn stat(process: u32) -> Option<Stat> {
    parse_stat(&fs::read_to_string(path(process, "stat")).ok()?)
}

fn parse_stat(text: &str) -> Option<Stat> {
    // The name before may hold anything, a closing parenthesis too.
    let (_, fields) = text.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    Some(Stat {
        parent: u32::try_from(number(1)?).ok()?,
        own: number(11)? + number(12)?,
        waited: number(13)? + number(14)?,
    })
}

/// The most memory that a process has had since it executed its program.
fn peak_memory(process: u32) -> Option<u64> {
    let status = fs::read_to_string(path(process, "status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib << 10)
}

fn path(process: u32, file: &str) -> PathBuf {
    PathBuf::from(format!("/proc/{process}/{file}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_pass_for_numbers() {
        let text = "7 (a) R 1 2) S 3 0 0 0 -1 0 0 0 0 0 10 20 30 40 20 0 1 0";
        let expected = Stat {
            parent: 3,
            own: 30,
            waited: 70,
        };
        assert_eq!(parse_stat(text), Some(expected));
        assert_eq!(parse_stat("7 (a) S 3"), None);
    }

    #[test]
    fn ticks_are_parts_of_a_second() {
        let a_second = rustix::param::clock_ticks_per_second();
        let half = Duration::from_millis(2500);
        assert_eq!(from_ticks(2 * a_second + a_second / 2), half);
    }
}
