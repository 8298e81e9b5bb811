//! The job `run`: starts the command, watches host and processes, tells the end.

use crate::order::Order;
use crate::receive::Files;
use crate::sys::{self, Errno, PollFd, Usage};
use crate::tree::Tree;
use crate::{capabilities, landlock, process, wire};

/// What holds the command's processes.
pub(crate) enum Hold {
    /// A process namespace, whose process 1 this is.
    Namespace,
    /// Landlock.
    Landlock(Tree),
    /// Nothing.
    Nothing(Tree),
}

/// What the host reads when the command has ended.
struct End {
    status: i32,
    elapsed: u64,
}

pub(crate) fn run(mut hold: Hold) -> ! {
    if let Err(errno) = supervise(&mut hold) {
        fail(wire::STEP_SANDBOX, errno);
    }
    match hold {
        // With process 1 the kernel ends whatever is left.
        Hold::Namespace => {}
        Hold::Landlock(mut tree) | Hold::Nothing(mut tree) => tree.end(|_| {}),
    }
    sys::exit(0)
}

fn supervise(hold: &mut Hold) -> Result<(), Errno> {
    // The command has the same user id as this process: without this it could
    // open the control and status pipes through /proc/1/fd.
    sys::hide()?;
    if matches!(hold, Hold::Namespace)
        && let Err(errno) = take_filter()
    {
        fail(wire::STEP_FILTER, errno);
        return Ok(());
    }
    sys::close_from(wire::FIRST_FOREIGN_FD)?;
    sys::close_on_exec(wire::CONTROL_FD, wire::STATUS_FD)?;
    sys::block_signals()?;
    let child_events = sys::child_events()?;
    let Some(files) = Files::receive(wire::CONTROL_FD)? else {
        return Ok(());
    };
    // When the host is gone, that shows soon enough.
    let _ = sys::send(wire::CONTROL_FD, &wire::TAKEN);
    let order = Order::read(files.order)?;
    let [launch, launch_report] = sys::pipe()?;

    let mut used = Used::default();
    let start = sys::now_micros();
    let own = sys::process_id();
    let main = sys::fork()?;
    if main == 0 {
        let (step, errno) = become_command(&order, &files, hold, own);
        let _ = sys::write(launch_report, &[step as u8, errno as u8]);
        sys::exit(127);
    }
    // The readers must see end of file as soon as the processes are gone.
    sys::close(launch_report);
    files.close();

    let mut watched = [
        PollFd {
            fd: wire::CONTROL_FD,
            events: sys::POLLIN,
            happened: 0,
        },
        PollFd {
            fd: child_events,
            events: sys::POLLIN,
            happened: 0,
        },
        PollFd {
            fd: launch,
            events: sys::POLLIN,
            happened: 0,
        },
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
        }
        if control.happened != 0 && !pass_signals(hold) {
            return Ok(());
        }
        if children.happened != 0 {
            sys::drain(child_events);
            if let Some(end) = reap(main, start, &mut used) {
                if launching.fd != -1 && !tell_launch(launch) {
                    return Ok(());
                }
                end_the_rest(hold, &mut used);
                tell(&end, &used);
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

/// Turns this copy of the init into the command. Comes back only with the step that failed.
fn become_command(order: &Order, files: &Files, hold: &Hold, init: usize) -> (u32, Errno) {
    match prepare_command(order, files, hold, init) {
        Ok(()) => (
            wire::STEP_EXEC,
            sys::execute(order.program, order.args, order.env),
        ),
        Err(failure) => failure,
    }
}

fn prepare_command(
    order: &Order,
    files: &Files,
    hold: &Hold,
    init: usize,
) -> Result<(), (u32, Errno)> {
    let at = |step: u32| move |errno: Errno| (step, errno);
    if !matches!(hold, Hold::Namespace) {
        // No kernel ends the rest when somebody kills the init; the main
        // process at least goes with it.
        process::end_with_parent().map_err(at(wire::STEP_SANDBOX))?;
        if process::parent() != init {
            return Err((wire::STEP_SANDBOX, sys::ESRCH));
        }
    }
    // First, so that all that it uses counts.
    for group in files.groups() {
        sys::write(*group, b"0").map_err(at(wire::STEP_LIMITS))?;
    }
    // A session of its own: no controlling terminal, no group shared with the init.
    sys::new_session().map_err(at(wire::STEP_SANDBOX))?;
    for (to, from) in files.stdio.into_iter().enumerate() {
        sys::move_fd(from, to as i32).map_err(at(wire::STEP_SANDBOX))?;
    }
    sys::enter(order.directory).map_err(at(wire::STEP_CWD))?;
    for limit in order.limits() {
        sys::limit(limit.resource, limit.soft, limit.hard).map_err(at(wire::STEP_LIMITS))?;
    }
    // The host may ignore signals, and an ignored signal stays ignored over an
    // execve; a writer to a closed pipe would then never end.
    sys::reset_signals();
    sys::unblock_signals().map_err(at(wire::STEP_SANDBOX))?;
    // Without namespaces too: what had other rights could not be ended.
    sys::no_new_privileges().map_err(at(wire::STEP_FILTER))?;
    match hold {
        // The init has its filter already.
        Hold::Namespace => return Ok(()),
        Hold::Landlock(_) => {
            capabilities::drop_all().map_err(at(wire::STEP_SANDBOX))?;
            landlock::restrict(order).map_err(at(wire::STEP_SANDBOX))?;
        }
        Hold::Nothing(_) => return Ok(()),
    }
    // Last, because the filter may refuse the calls above.
    sys::filter(order.filter, order.instructions()).map_err(at(wire::STEP_FILTER))
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
        _ => {
            report(wire::STARTED, 0, 0, [0; 3]);
            true
        }
    }
}

/// Passes the host's signals to every process; false when the host is gone.
fn pass_signals(hold: &mut Hold) -> bool {
    let mut signals = [0u8; 16];
    match sys::read(wire::CONTROL_FD, &mut signals) {
        Ok(0) | Err(_) => false,
        Ok(count) => {
            for signal in signals.iter().take(count) {
                let signal = i32::from(*signal);
                match hold {
                    Hold::Namespace => sys::signal_all(signal),
                    Hold::Landlock(tree) | Hold::Nothing(tree) => tree.signal_all(signal),
                }
            }
            true
        }
    }
}

/// Takes every process that has ended. Orphans come here too, because this is
/// process 1, or else has asked for them.
fn reap(main: i32, start: u64, used: &mut Used) -> Option<End> {
    let mut end = None;
    while let Ok((pid, status, usage)) = sys::take_ended(false) {
        if pid == 0 {
            break;
        }
        used.add(&usage);
        if pid == main {
            let elapsed = sys::now_micros() - start;
            end = Some(End { status, elapsed });
        }
    }
    end
}

/// Returns when this is the only process, so that the host may rely on it.
fn end_the_rest(hold: &mut Hold, used: &mut Used) {
    match hold {
        Hold::Namespace => {
            sys::signal_all(sys::SIGKILL);
            while let Ok((_, _, usage)) = sys::take_ended(true) {
                used.add(&usage);
            }
        }
        Hold::Landlock(tree) | Hold::Nothing(tree) => tree.end(|usage| used.add(usage)),
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

fn tell(end: &End, used: &Used) {
    let use_of_machine = [end.elapsed, used.cpu_micros, used.peak_bytes];
    let signal = end.status & 0x7f;
    if signal == 0 {
        report(wire::EXITED, (end.status >> 8) & 0xff, 0, use_of_machine);
    } else {
        report(wire::KILLED, signal, 0, use_of_machine);
    }
}

fn report(kind: u32, value: i32, step: u32, [elapsed, cpu, peak]: [u64; 3]) {
    let mut message = [0u8; wire::MESSAGE_BYTES];
    let kind_and_value = u64::from(kind) | u64::from(value as u32) << 32;
    let fields = [kind_and_value, step.into(), elapsed, cpu, peak];
    for (place, field) in message.chunks_exact_mut(8).zip(fields) {
        place.copy_from_slice(&field.to_le_bytes());
    }
    // When the host is gone there is nobody to tell.
    let _ = sys::write(wire::STATUS_FD, &message);
}
