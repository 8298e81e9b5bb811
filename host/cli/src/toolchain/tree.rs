//! Ends a tool with all that it has started.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::interrupt::hurried;

/// How long they may take to end in order: make removes what it had begun.
const GRACE: Duration = Duration::from_secs(2);

/// How often it is looked whether they have.
const TICK: Duration = Duration::from_millis(20);

/// Ends a tool and its processes, first by SIGTERM, then by SIGKILL, and reaps the tool.
/// A process that has left the tree by a parent that ended is not found.
///
/// # Errors
///
/// The tool cannot be waited for.
pub(super) fn end(tool: &mut Child) -> io::Result<()> {
    let tree = of(tool);
    send(&tree, Signal::TERM);
    let until = Instant::now() + GRACE;
    while !tree.iter().all(has_ended) && Instant::now() < until && !hurried() {
        // Until it is reaped its number is its own, and so are those of its children.
        thread::sleep(TICK);
    }
    send(&of(tool), Signal::KILL);
    send(&tree, Signal::KILL);
    tool.kill()?;
    tool.wait().map(drop)
}

/// The tool and everything below it.
fn of(tool: &Child) -> Vec<OwnedFd> {
    let mut found = Vec::new();
    let mut left = vec![Pid::from_child(tool)];
    while let Some(process) = left.pop() {
        found.extend(pidfd_open(process, PidfdFlags::empty()));
        let threads = fs::read_dir(format!("/proc/{}/task", process.as_raw_nonzero()));
        for thread in threads.into_iter().flatten().flatten() {
            let children = fs::read_to_string(thread.path().join("children"));
            let children = children.unwrap_or_default();
            let numbers = children.split_ascii_whitespace();
            left.extend(numbers.filter_map(|number| Pid::from_raw(number.parse().ok()?)));
        }
    }
    found
}

fn send(tree: &[OwnedFd], signal: Signal) {
    for process in tree {
        // One that has ended takes none.
        let _ = pidfd_send_signal(process, signal);
    }
}

fn has_ended(process: &OwnedFd) -> bool {
    let mut ended = [PollFd::new(process, PollFlags::IN)];
    poll(&mut ended, Some(&Timespec::default())).is_ok_and(|count| count > 0)
}
