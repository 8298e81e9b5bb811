//! The process that becomes the command. It is there before its order, so that
//! an order only has to wake it, and takes the filter and joins its groups ahead.
//!
//! Until the command runs it shares the init's memory; it must leave alone what
//! the init uses.

use core::sync::atomic::{AtomicU64, Ordering};

use super::order::Order;
use super::receive::Packet;
use super::supervisor::{self, Handover};
use super::sys::{self, ENOENT, EPROTO, Errno};
use super::{capabilities, filter, judged, landlock, process, script, share};
use crate::wire;

/// What confines the command.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Confinement {
    /// The namespaces that the init is in, and a filter.
    Namespace,
    Landlock,
    Nothing,
}

/// The filter of system calls that is there before the order.
#[derive(Clone, Copy)]
pub(crate) struct Filter {
    /// Empty where it comes with the order.
    pub(crate) instructions: &'static [u8],
    /// Who answers what it cannot judge.
    pub(crate) handover: Option<Handover>,
}

impl Filter {
    /// Takes these instructions for good.
    fn take(self, instructions: &[u8]) -> Result<(), Errno> {
        match self.handover {
            None => filter::install(instructions),
            Some(handover) => filter::install_with_listener(instructions)
                .and_then(|listener| handover.give(listener)),
        }
    }
}

/// What the process is started with.
#[derive(Clone, Copy)]
struct Start {
    confinement: Confinement,
    filter: Filter,
    init: usize,
    /// Takes the step that failed and the error number; closed by the execve.
    report: i32,
}

/// When the order was taken, in microseconds; 0: not yet.
static TAKEN: AtomicU64 = AtomicU64::new(0);

/// An order, and the command's standard input, output and error.
struct Assigned {
    order: Order,
    stdio: [i32; 3],
    /// What was judged; the order has the paths.
    directory: Option<i32>,
    program: Option<i32>,
}

/// A command that only has to be executed.
struct Ready {
    order: Order,
    /// What to execute instead of what the path leads to now.
    program: Option<i32>,
}

/// The step that failed, and why.
type Failure = (u32, Errno);

/// Starts the process; its id.
pub(crate) fn start(confinement: Confinement, filter: Filter, report: i32) -> Result<i32, Errno> {
    let init = sys::process_id();
    share::start_sharing(
        become_command,
        Start {
            confinement,
            filter,
            init,
            report,
        },
    )
}

/// When it took the order, in microseconds; `None`: it has run nothing.
pub(crate) fn taken() -> Option<u64> {
    Some(TAKEN.load(Ordering::Acquire)).filter(|at| *at != 0)
}

extern "C" fn become_command(start: &'static Start) -> ! {
    let (step, errno) = match prepare(start) {
        Ok(ready) => (wire::STEP_EXEC, ready.execute()),
        Err(failure) => failure,
    };
    let _ = sys::write(start.report, &[step as u8, errno as u8]);
    sys::exit(127)
}

impl Ready {
    fn execute(&self) -> Errno {
        let Order {
            program: path,
            args,
            env,
            ..
        } = self.order;
        let Some(file) = self.program else {
            return sys::execute(path, args, env);
        };
        match judged::execute(file, args, env) {
            // A script, whose interpreter could not open it: the descriptor is
            // closed by then. Or a program whose loader is missing.
            ENOENT if script::is_one(file) => script::execute(file, path, args, env),
            errno => errno,
        }
    }
}

fn prepare(start: &Start) -> Result<Ready, Failure> {
    let at = |step: u32| move |errno: Errno| (step, errno);
    if start.confinement != Confinement::Namespace {
        // No kernel ends the rest when somebody kills the init; the main
        // process at least goes with it.
        process::end_with_parent().map_err(at(wire::STEP_SANDBOX))?;
        if process::parent() != start.init {
            return Err((wire::STEP_SANDBOX, sys::ESRCH));
        }
    }
    // A session of its own: no controlling terminal, no group shared with the init.
    sys::new_session().map_err(at(wire::STEP_SANDBOX))?;
    // The host may ignore signals, and an ignored signal stays ignored over an
    // execve; a writer to a closed pipe would then never end.
    sys::reset_signals();
    if start.confinement == Confinement::Namespace {
        // Ahead: taking it costs about as much as starting a program.
        sys::no_new_privileges().map_err(at(wire::STEP_FILTER))?;
        let filter = start.filter;
        let taken = filter.take(filter.instructions);
        taken.map_err(at(wire::STEP_FILTER))?;
    }
    let Assigned {
        order,
        stdio,
        directory,
        program,
    } = wait()?;
    for (to, from) in stdio.into_iter().enumerate() {
        sys::move_fd(from, to as i32).map_err(at(wire::STEP_SANDBOX))?;
    }
    let program = program.map(|judged| judged::open(order.program, judged));
    let program = program.transpose().map_err(at(wire::STEP_EXEC))?;
    match directory {
        None => sys::enter(order.directory),
        Some(judged) => judged::open(order.directory, judged).and_then(sys::enter_open),
    }
    .map_err(at(wire::STEP_CWD))?;
    let ready = Ready { order, program };
    let order = &ready.order;
    for limit in order.limits() {
        sys::limit(limit.resource, limit.soft, limit.hard).map_err(at(wire::STEP_LIMITS))?;
    }
    take_signals();
    sys::unblock_signals().map_err(at(wire::STEP_SANDBOX))?;
    // Without namespaces too: what had other rights could not be ended.
    sys::no_new_privileges().map_err(at(wire::STEP_FILTER))?;
    match start.confinement {
        // It has its filter already.
        Confinement::Namespace => {
            judged::compare(order).map_err(at(wire::STEP_SANDBOX))?;
            return Ok(ready);
        }
        Confinement::Landlock => {
            capabilities::drop_all().map_err(at(wire::STEP_SANDBOX))?;
            landlock::restrict(order).map_err(at(wire::STEP_SANDBOX))?;
        }
        Confinement::Nothing => return Ok(ready),
    }
    supervisor::set_writable(order.writable());
    // Last, because the filter may refuse the calls above.
    let taken = start.filter.take(order.filter);
    taken.map_err(at(wire::STEP_FILTER))?;
    Ok(ready)
}

/// Joins the groups that the host names, and waits for the order. Ends with the host.
fn wait() -> Result<Assigned, Failure> {
    let failed = |errno: Errno| (wire::STEP_SANDBOX, errno);
    loop {
        let Some(packet) = Packet::receive(wire::CONTROL_FD).map_err(failed)? else {
            sys::exit(0)
        };
        match (packet.kind, packet.files()) {
            (wire::JOIN, groups) => {
                for group in groups {
                    sys::write(*group, b"0").map_err(|errno| (wire::STEP_LIMITS, errno))?;
                    sys::close(*group);
                }
            }
            (wire::ORDER, &[order, stdin, stdout, stderr, ref judged @ ..]) => {
                TAKEN.store(sys::now_micros().max(1), Ordering::Release);
                // When the host is gone, that shows soon enough.
                let _ = sys::send(wire::CONTROL_FD, &wire::TAKEN);
                let order = Order::read(order).map_err(failed)?;
                let mut judged = judged.iter().copied();
                let mut next = |bit: u32| match order.judged & bit {
                    0 => Ok(None),
                    _ => judged.next().map(Some).ok_or(failed(EPROTO)),
                };
                return Ok(Assigned {
                    directory: next(wire::JUDGED_DIRECTORY)?,
                    program: next(wire::JUDGED_PROGRAM)?,
                    order,
                    stdio: [stdin, stdout, stderr],
                });
            }
            _ => return Err(failed(EPROTO)),
        }
    }
}

/// Takes the signals that have come since the order. The init passes them on only
/// once the program runs, which then may not be ready for them yet.
fn take_signals() {
    let mut signals = [0u8; 16];
    while let Ok(count @ 1..) = sys::receive_now(wire::CONTROL_FD, &mut signals) {
        for signal in signals.iter().take(count) {
            sys::signal_self((*signal).into());
        }
    }
}
