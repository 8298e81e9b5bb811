//! Counts processes and threads, and finds which limit on them was reached: the system's
//! error for that (EAGAIN) has other causes, too.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use rustix::process::{Resource, getrlimit, getuid};

use super::{more_than, raise};

/// The limits that may have been reached.
#[derive(Debug, Default)]
struct Tasks {
    /// This user's limit, and how many it has.
    user: Option<(u64, u64)>,
    /// The first of this process's control groups that is full or nearly so, with its
    /// limit and how many it has.
    group: Option<(PathBuf, u64, u64)>,
}

/// Threads that a call with a process needs, in addition to one for each processor.
const THREADS: usize = 16;

pub(crate) fn threads_of_a_call() -> usize {
    THREADS + available_parallelism().map_or(1, usize::from)
}

/// Returns which limit leaves no room for a call, and how to raise it. The limits are
/// examined after the error, so one counts as reached if the threads of a call no longer
/// fit.
pub(super) fn met() -> Option<(String, String)> {
    let room = u64::try_from(threads_of_a_call()).unwrap_or(u64::MAX);
    Tasks::of_process(room).met(room)
}

impl Tasks {
    fn of_process(room: u64) -> Self {
        let me = getuid();
        // The kernel does not apply it to root.
        let most = getrlimit(Resource::Nproc).current;
        let most = most.filter(|_| !me.is_root());
        let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let full = |group: PathBuf| {
            let (most, has) = (number(&group, "pids.max")?, number(&group, "pids.current")?);
            (has.saturating_add(room) > most).then_some((group, most, has))
        };
        Self {
            user: most.map(|most| (most, of_user(me.as_raw()))),
            group: above(&groups).into_iter().find_map(full),
        }
    }

    fn met(&self, room: u64) -> Option<(String, String)> {
        if let Some((most, has)) = self.user
            && has.saturating_add(room) > most
        {
            let reason = format!(
                "no further process or thread can be started: `ulimit -u` of this user is {most}, \
                 and it has {has}"
            );
            return Some((
                reason,
                raise(Resource::Nproc, 'u', Some(more_than(Some(most)))),
            ));
        }
        let (group, most, has) = self.group.as_ref()?;
        let group = group.display();
        let reason = format!(
            "no further process or thread can be started: `pids.max` of the control group {group} \
             is {most}, and it has {has}"
        );
        let more = more_than(Some(*most));
        Some((
            reason,
            format!("to raise it: echo {more} > {group}/pids.max"),
        ))
    }
}

/// Returns the control groups of a process that may limit it, the innermost first, from
/// the kernel's list.
fn above(groups: &str) -> Vec<PathBuf> {
    let found = groups.lines().find_map(|line| {
        let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
        let root = match controllers {
            "" => Path::new("/sys/fs/cgroup"),
            "pids" => Path::new("/sys/fs/cgroup/pids"),
            _ => return None,
        };
        Some((root, root.join(path.trim_start_matches('/'))))
    });
    let Some((root, own)) = found else {
        return Vec::new();
    };
    let within = own.ancestors().take_while(|group| group.starts_with(root));
    within.map(Into::into).collect()
}

fn number(group: &Path, file: &str) -> Option<u64> {
    let text = fs::read_to_string(group.join(file)).ok()?;
    text.trim().parse().ok()
}

/// Returns how many processes and threads a user has, as far as they are visible.
fn of_user(user: u32) -> u64 {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let of_one = |process: fs::DirEntry| {
        let status = fs::read_to_string(process.path().join("status")).ok()?;
        threads(&status, user)
    };
    processes.filter_map(of_one).sum()
}

/// Returns the number of a process's threads from its status, if it is this user's.
fn threads(status: &str, user: u32) -> Option<u64> {
    let first = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    (first("Uid:")? == u64::from(user)).then(|| first("Threads:"))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_limit_that_is_met_is_named() {
        let group = || Some((PathBuf::from("/sys/fs/cgroup/a"), 100, 95));
        for (tasks, named) in [
            (Tasks::default(), None),
            (
                Tasks {
                    user: Some((4096, 12)),
                    group: None,
                },
                None,
            ),
            (
                Tasks {
                    user: Some((20, 12)),
                    group: None,
                },
                Some("`ulimit -u`"),
            ),
            (
                Tasks {
                    user: Some((20, 12)),
                    group: group(),
                },
                Some("`ulimit -u`"),
            ),
            (
                Tasks {
                    user: Some((4096, 12)),
                    group: group(),
                },
                Some("/sys/fs/cgroup/a is 100"),
            ),
        ] {
            let met = tasks.met(10);
            assert_eq!(met.is_some(), named.is_some(), "{tasks:?}");
            if let (Some((reason, raise)), Some(named)) = (met, named) {
                assert!(reason.contains(named), "{reason}");
                assert!(raise.contains("4096"), "{raise}");
            }
        }
    }

    #[test]
    fn a_process_lies_in_its_group_and_all_above() {
        let groups = above("0::/a/b\n");
        let expected = ["/sys/fs/cgroup/a/b", "/sys/fs/cgroup/a", "/sys/fs/cgroup"];
        assert_eq!(groups, expected.map(PathBuf::from));
        let groups = above("5:memory:/m\n3:pids:/a\n0::/\n");
        let expected = ["/sys/fs/cgroup/pids/a", "/sys/fs/cgroup/pids"];
        assert_eq!(groups, expected.map(PathBuf::from));
        assert!(above("").is_empty());
    }

    #[test]
    fn threads_count_for_the_user_of_their_process() {
        let status = "Name:\tx\nUid:\t7\t8\t9\t9\nThreads:\t3\n";
        assert_eq!((threads(status, 7), threads(status, 8)), (Some(3), None));
        assert!(of_user(getuid().as_raw()) >= 1);
    }
}
