//! The job `run`: starts the command, watches host and processes, tells the end.

use super::command::{self, Confinement};
use super::room;
use super::sys::{self, Errno, PollFd, Usage};
use super::tree::Tree;
use crate::wire;

/// Runs a command that is confined so. `tree` finds its processes where no process
/// namespace, whose process 1 this is, holds them.
pub(crate) fn run(confinement: Confinement, mut tree: Option<Tree>) -> ! {
    if let Err(errno) = supervise(confinement, &mut tree) {
        fail(wire::STEP_SANDBOX, errno);
    }
    // With process 1 the kernel ends whatever is left.
    if let Some(mut tree) = tree {
        tree.end(|_| {});
    }
    sys::exit(0)
}

fn supervise(confinement: Confinement, tree: &mut Option<Tree>) -> Result<(), Errno> {
    // The command has the same user id as this process: without this it could
    // open the control and status pipes through /proc/1/fd.
    sys::hide()?;
    if confinement == Confinement::Namespace
        && let Err(errno) = take_filter()
    {
        fail(wire::STEP_FILTER, errno);
        return Ok(());
    }
    sys::close_from(wire::FIRST_FOREIGN_FD)?;
    sys::close_on_exec(wire::CONTROL_FD, wire::STATUS_FD)?;
    sys::block_signals()?;
    let child_events = sys::child_events()?;
    let [launch, launch_report] = sys::pipe()?;
    let mut used = Used::default();
    let main = command::start(confinement, launch_report)?;
    sys::close(launch_report);

    let mut watched = [
        // The order is not for this process, but that the host is gone shows always.
        PollFd::new(wire::CONTROL_FD, 0),
        PollFd::new(child_events, sys::POLLIN),
        PollFd::new(launch, sys::POLLIN),
    ];
    loop {
        sys::poll(&mut watched)?;
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
        if children.happened != 0 {
            sys::drain(child_events);
            if let Some(status) = reap(main, &mut used) {
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

/// Puts this process, and all that it starts, under the filter.
fn take_filter() -> Result<(), Errno> {
    let filter = sys::map_file(wire::FILTER_FD, sys::size(wire::FILTER_FD)?)?;
    sys::no_new_privileges()?;
    sys::filter(filter, (filter.len() / wire::INSTRUCTION_BYTES) as u16)
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

/// Takes every process that has ended; how the main one did. Orphans come here too,
/// because this is process 1, or else has asked for them.
fn reap(main: i32, used: &mut Used) -> Option<i32> {
    let mut end = None;
    while let Ok((pid, status, usage)) = sys::take_ended(false) {
        if pid == 0 {
            break;
        }
        used.add(&usage);
        if pid == main {
            end = Some(status);
        }
    }
    end
}

/// Returns when this is the only process, so that the host may rely on it.
fn end_the_rest(tree: &mut Option<Tree>, used: &mut Used) {
    match tree {
        None => {
            sys::signal_all(sys::SIGKILL);
            while let Ok((_, _, usage)) = sys::take_ended(true) {
                used.add(&usage);
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
