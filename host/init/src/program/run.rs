//! The job `run`: starts the command, watches host and processes, tells the end.

use core::ffi::CStr;

use super::arguments::Arguments;
use super::command::{self, Confinement, Filter};
use super::mountinfo::OwnMounts;
use super::room;
use super::supervisor::{self, Handover, Own};
use super::sys::{self, Errno, PollFd, Usage};
use super::tree::Tree;
use super::{capabilities, landlock, process};
use crate::wire;

/// What confines the command, and who answers what its filter cannot judge.
pub(crate) struct Task {
    confinement: Confinement,
    /// [`wire::UNSUPERVISED`] or one of the others.
    supervision: &'static CStr,
    /// Where no namespace has mounts of its own, the directory of the command's own files.
    own: Option<&'static CStr>,
}

impl Task {
    /// `init run SUPERVISION`.
    pub(crate) fn in_namespaces(arguments: Arguments) -> Self {
        Self {
            confinement: Confinement::Namespace,
            supervision: arguments.text(2),
            own: None,
        }
    }

    /// `init JOB SUPERVISION OWN ...`.
    pub(crate) fn on_host(confinement: Confinement, arguments: Arguments) -> Self {
        Self {
            confinement,
            supervision: arguments.text(2),
            own: Some(arguments.text(3)),
        }
    }

    /// Starts who answers for the filter, if somebody is to, and has Landlock keep the
    /// command's sockets and FIFOs to what is its own.
    fn supervision(&self) -> Result<Option<Handover>, Errno> {
        let is = |word: &str| self.supervision.to_bytes() == word.as_bytes();
        if is(wire::UNSUPERVISED) {
            return Ok(None);
        }
        if !is(wire::SUPERVISED_OWN_NETWORK) && !is(wire::SUPERVISED_SHARED_NETWORK) {
            return Err(sys::EPROTO);
        }
        sys::no_new_privileges()?;
        let own = match self.own {
            Some(directory) => {
                landlock::make_special_files_only_beneath([directory].into_iter())?;
                Own::Directory(directory)
            }
            None => {
                let mounts = OwnMounts::find(&wire::OWN_DIRECTORIES)?;
                landlock::make_special_files_only_beneath(mounts.paths())?;
                Own::Mounts(mounts)
            }
        };
        let has_own_network = is(wire::SUPERVISED_OWN_NETWORK);
        supervisor::start(supervisor::Start {
            own,
            has_own_network,
        })
        .map(Some)
    }
}

/// Runs a command. `tree` finds its processes where no process namespace, whose
/// process 1 this is, holds them.
pub(crate) fn run(task: &Task, mut tree: Option<Tree>) -> ! {
    if let Err(errno) = supervise(task, &mut tree) {
        fail(wire::STEP_SANDBOX, errno);
    }
    // With process 1 the kernel ends whatever is left.
    if let Some(mut tree) = tree {
        tree.end(|_| {});
    }
    sys::exit(0)
}

fn supervise(task: &Task, tree: &mut Option<Tree>) -> Result<(), Errno> {
    // The command has the same user id as this process: without this it could
    // open the control and status pipes through /proc/1/fd.
    sys::hide()?;
    let filter = match task.confinement {
        Confinement::Namespace => sys::map_file(wire::FILTER_FD, sys::size(wire::FILTER_FD)?)?,
        // It comes with the order.
        Confinement::Landlock | Confinement::Nothing => &[],
    };
    sys::close_from(wire::FIRST_FOREIGN_FD)?;
    sys::close_on_exec(wire::CONTROL_FD, wire::STATUS_FD)?;
    sys::block_signals()?;
    let child_events = sys::child_events()?;
    let [launch, launch_report] = sys::pipe()?;
    let mut used = Used::default();
    let handover = task.supervision()?;
    if let Confinement::Namespace = task.confinement {
        // The supervisor has what it needs by now; the command has what is left here.
        capabilities::keep_only(wire::OVER_OWNERS)?;
    }
    let filter = Filter {
        instructions: filter,
        handover,
    };
    let main = command::start(task.confinement, filter, launch_report)?;
    sys::close(launch_report);
    if let Some(handover) = handover {
        handover.close();
    }

    let mut watched = [
        // The order is not for this process, but that the host is gone shows always.
        PollFd::new(wire::CONTROL_FD, 0),
        PollFd::new(child_events, sys::POLLIN),
        PollFd::new(launch, sys::POLLIN),
    ];
    let mut reaping = Reaping::Done;
    loop {
        match reaping {
            Reaping::More => sys::poll_for(&mut watched, 0)?,
            Reaping::Done | Reaping::Main(_) => sys::poll(&mut watched)?,
        }
        let [control, children, launching] = &mut watched;
        // A program that has already ended must still be told as started.
        if launching.happened != 0 {
            launching.fd = -1;
            if !tell_launch(launch) {
                return Ok(());
            }
            control.events = sys::POLLIN;
        }
        if control.happened != 0 && (control.events == 0 || !pass_signals(tree)) {
            return Ok(());
        }
        if children.happened != 0 || reaping == Reaping::More {
            sys::drain(child_events);
            reaping = reap(main, &mut used);
            if let Reaping::Main(status) = reaping {
                let ended = sys::now_micros();
                if launching.fd != -1 && !tell_launch(launch) {
                    return Ok(());
                }
                let elapsed = ended - command::taken().unwrap_or(ended);
                end_the_rest(tree, &mut used);
                // Without namespaces these places are the host's.
                let full = if tree.is_none() { room::full() } else { 0 };
                tell(status, elapsed, &used, full);
                return Ok(());
            }
        }
    }
}

/// Whether the program runs; tells the host either way.
fn tell_launch(launch: i32) -> bool {
    // The other end closes at the execve; bytes mean that there was none.
    let mut failure = [0u8; 2];
    match sys::read(launch, &mut failure) {
        Ok(2) => {
            let [step, errno] = failure;
            fail(step.into(), errno.into());
            false
        }
        // Killed while it waited. The host finds that nothing was taken.
        _ if command::taken().is_none() => false,
        _ => {
            report(wire::STARTED, 0, 0, [0; 3]);
            true
        }
    }
}

/// Passes the host's signals to every process; false when the host is gone.
fn pass_signals(tree: &mut Option<Tree>) -> bool {
    let mut signals = [0u8; 16];
    match sys::read(wire::CONTROL_FD, &mut signals) {
        Ok(0) | Err(_) => false,
        Ok(count) => {
            for signal in signals.iter().take(count) {
                let signal = i32::from(*signal);
                match tree {
                    None => sys::signal_all(signal),
                    Some(tree) => tree.signal_all(signal),
                }
            }
            true
        }
    }
}

/// What came of taking processes that have ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reaping {
    /// The main one has, with this wait status.
    Main(i32),
    /// There may be more.
    More,
    Done,
}

/// Takes every process that has ended. Orphans come here too, because this is process 1,
/// or else has asked for them.
fn reap(main: i32, used: &mut Used) -> Reaping {
    let mut end = Reaping::Done;
    let mut stopped = 0;
    while let Ok((pid, status, usage)) = sys::take_ended(false) {
        if pid == 0 {
            break;
        }
        if process::is_stopped(status) {
            process::let_go(pid, status);
            stopped += 1;
            // They may go on with it for ever.
            if stopped == process::LET_GO_AT_ONCE {
                break;
            }
            continue;
        }
        used.add(&usage);
        if pid == main {
            end = Reaping::Main(status);
        }
    }
    match end {
        Reaping::Done if stopped == process::LET_GO_AT_ONCE => Reaping::More,
        end => end,
    }
}

/// Returns when this is the only process, so that the host may rely on it.
fn end_the_rest(tree: &mut Option<Tree>, used: &mut Used) {
    match tree {
        None => {
            sys::signal_all(sys::SIGKILL);
            while let Ok((pid, status, usage)) = sys::take_ended(true) {
                if process::is_stopped(status) {
                    process::let_go(pid, status);
                } else {
                    used.add(&usage);
                }
            }
        }
        Some(tree) => tree.end(|usage| used.add(usage)),
    }
}

/// What all processes used that were taken. Each counts once: one that its
/// parent took is part of what the parent used.
#[derive(Default)]
struct Used {
    cpu_micros: u64,
    /// Of the process that had the most.
    peak_bytes: u64,
}

impl Used {
    fn add(&mut self, usage: &Usage) {
        self.cpu_micros += usage.cpu_micros();
        self.peak_bytes = self.peak_bytes.max(usage.peak_bytes());
    }
}

fn fail(step: u32, errno: Errno) {
    report(wire::FAILED, errno, step, [0; 3]);
}

/// Tells how the command ended, by its wait status, and what was full then.
fn tell(status: i32, elapsed: u64, used: &Used, full: u32) {
    let numbers = [elapsed, used.cpu_micros, used.peak_bytes];
    match status & 0x7f {
        0 => report(wire::EXITED, (status >> 8) & 0xff, full, numbers),
        signal => report(wire::KILLED, signal, full, numbers),
    }
}

fn report(kind: u32, value: i32, step: u32, numbers: [u64; 3]) {
    let message = wire::message(kind, value.cast_unsigned(), step, numbers);
    // When the host is gone there is nobody to tell.
    let _ = sys::write(wire::STATUS_FD, &message);
}
