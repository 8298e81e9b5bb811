//! The supervisor: a thread of the init that answers what a filter cannot judge.
//!
//! A filter of system calls sees numbers, and neither addresses nor paths. For those
//! calls the kernel has the caller wait, and asks this thread, which is not under the
//! filter. It copies what the call is about, judges the copy, and *makes the call
//! itself* on its own duplicate: whatever other threads of the tree change meanwhile
//! changes nothing. The kernel is never told to go on with the call.
//!
//! It is a thread of the init and not a process, so that the tree can neither signal
//! nor trace it; it has descriptors, a directory and a mask of its own. What it cannot
//! read it refuses; when it is gone, the kernel has the calls fail.

mod bind;
mod caller;
mod connect;
mod file;
mod listen;
mod mode;
mod notify;
mod places;
mod ruleset;
mod socket;

use self::bind::Binding;
use self::caller::Caller;
use self::connect::{Connection, Line, WAITING_MAX};
use self::listen::Listening;
use self::mode::Change;
use self::notify::{Listener, Request};
pub(crate) use self::places::{Places, WRITABLE_MAX};
use self::ruleset::{CREATE_RULESET, Ruleset};
use super::mountinfo::OwnMounts;
use super::receive::{self, Packet};
use super::sys::{self, EINTR, ENOSYS, Errno, PollFd};
use super::{capabilities, share};
use crate::wire;
use core::ffi::CStr;

/// The byte of the packet that brings the kernel's side.
const LISTENER: u8 = b'l';
/// How often it looks after callers that wait for long, in milliseconds.
const LOOK_AGAIN: i32 = 20;

const CONNECT: i32 = 42;
const BIND: i32 = 49;
const LISTEN: i32 = 50;

/// What the tree's own is found by.
#[derive(Clone, Copy)]
pub(crate) enum Own {
    Mounts(OwnMounts),
    /// Of a process without namespaces: its directory. What else it may write comes
    /// with its order, see [`set_writable`].
    Directory(&'static CStr),
}

/// What a supervisor is started with.
#[derive(Clone, Copy)]
pub(crate) struct Start {
    pub(crate) own: Own,
    /// The network is the tree's own, with all unix sockets without a file.
    pub(crate) has_own_network: bool,
}

#[derive(Clone, Copy)]
struct Begin {
    start: Start,
    socket: i32,
}

/// Where the tree that the supervisor is for hands over the kernel's side.
#[derive(Clone, Copy)]
pub(crate) struct Handover(i32);

/// Further directories that the tree may write. The process that becomes the command
/// shares this memory, and says so before it hands over.
static WRITABLE: [core::sync::atomic::AtomicUsize; WRITABLE_MAX] =
    [const { core::sync::atomic::AtomicUsize::new(0) }; WRITABLE_MAX];

/// Starts the supervisor. It waits for what [`Handover::give`] gives, and ends with
/// the tree.
pub(crate) fn start(start: Start) -> Result<Handover, Errno> {
    let [inside, outside] = receive::socket_pair()?;
    share::start_thread(
        supervise,
        Begin {
            start,
            socket: inside,
        },
    )?;
    // The thread has its own of both.
    sys::close(inside);
    Ok(Handover(outside))
}

impl Handover {
    /// Gives the supervisor the listener of a filter, and closes it here.
    pub(crate) fn give(self, listener: i32) -> Result<(), Errno> {
        let sent = receive::send_file(self.0, LISTENER, listener);
        sys::close(listener);
        self.close();
        sent
    }

    pub(crate) fn close(self) {
        sys::close(self.0);
    }
}

/// Says what the tree may write beside its own directory. What there is no room for, it
/// may not change by way of the supervisor.
pub(crate) fn set_writable(paths: impl Iterator<Item = &'static CStr>) {
    for (place, path) in WRITABLE.iter().zip(paths) {
        place.store(
            path.as_ptr() as usize,
            core::sync::atomic::Ordering::Release,
        );
    }
}

extern "C" fn supervise(begin: &'static Begin) -> ! {
    let _ = serve(begin);
    // Closes the listener: what waits fails.
    share::exit_thread()
}

fn serve(begin: &Begin) -> Result<(), Errno> {
    const LISTENER_FD: i32 = 0;
    // What the host notices the closing of is not for this thread to keep open.
    sys::move_fd(begin.socket, LISTENER_FD)?;
    sys::close_from(LISTENER_FD + 1)?;
    // The kernel gives a file of a process to one that has no fewer.
    match begin.start.own {
        // What the tree has given up, where the init is root.
        Own::Directory(_) => capabilities::drop_all()?,
        Own::Mounts(_) => capabilities::keep_only(wire::OVER_OWNERS | wire::KEEP_GROUP_BIT)?,
    }
    let Some(packet) = Packet::receive(LISTENER_FD)? else {
        return Ok(());
    };
    let &[listener] = packet.files() else {
        return Err(sys::EPROTO);
    };
    sys::move_fd(listener, LISTENER_FD)?;
    sys::close(listener);
    let supervisor = Supervisor {
        listener: Listener(LISTENER_FD),
        places: open_places(begin.start.own)?,
        has_own_network: begin.start.has_own_network,
    };
    supervisor.listener.take_turns();
    supervisor.answer_all()
}

fn open_places(own: Own) -> Result<Places, Errno> {
    let directory = match own {
        Own::Mounts(mounts) => return Ok(Places::Mounts(mounts)),
        Own::Directory(directory) => directory,
    };
    let mut writable = [None; WRITABLE_MAX];
    for (place, path) in writable.iter_mut().zip(&WRITABLE) {
        let path = path.load(core::sync::atomic::Ordering::Acquire);
        if path != 0 {
            // SAFETY: it was made from a string of the order, which stays mapped.
            let path = unsafe { CStr::from_ptr(path as *const i8) };
            *place = places::open(path).ok();
        }
    }
    let own = places::open(directory)?;
    Ok(Places::Directories { own, writable })
}

struct Supervisor {
    listener: Listener,
    places: Places,
    has_own_network: bool,
}

impl Supervisor {
    /// Answers until the last process under the filter has ended.
    fn answer_all(&self) -> Result<(), Errno> {
        let mut line = Line::new()?;
        let mut watched = [const { PollFd::new(-1, 0) }; 1 + WAITING_MAX];
        let mut looked = sys::now_micros();
        loop {
            let [first, waiting @ ..] = &mut watched;
            *first = PollFd::new(self.listener.0, sys::POLLIN);
            let count = line.watch(waiting);
            let patience = if line.is_empty() { -1 } else { LOOK_AGAIN };
            let to_watch = watched.get_mut(..=count).unwrap_or_default();
            sys::poll_for(to_watch, patience)?;
            let [first, waiting @ ..] = &watched;
            let waiting = waiting.get(..count).unwrap_or_default();
            // Before any is added: the places are those that were watched.
            if count > 0 {
                let now = sys::now_micros();
                let all = now.wrapping_sub(looked) >= LOOK_AGAIN as u64 * 1000;
                if all {
                    looked = now;
                }
                line.look(self.listener, waiting, all);
            }
            if first.happened & sys::POLLIN != 0 {
                match self.listener.next() {
                    Ok(request) => self.answer(&request, &mut line),
                    // Who made it was killed.
                    Err(sys::ENOENT | EINTR) => {}
                    Err(errno) => return Err(errno),
                }
            } else if first.happened & sys::POLLHUP != 0 {
                return Ok(());
            }
        }
    }

    fn answer(&self, request: &Request, line: &mut Line) {
        if let Err(errno) = self.make(request, line) {
            self.listener.answer(request.id, Err(errno));
        }
    }

    /// Makes what a call asks for. An error is for the caller, and means that nothing
    /// was made.
    fn make(&self, request: &Request, line: &mut Line) -> Result<(), Errno> {
        let caller = Caller::open(request.thread)?;
        // All that was taken of the caller was taken of it, and not of a later thread
        // with its number, if it still waits afterwards.
        let is_true = || match self.listener.waits(request.id) {
            true => Ok(()),
            false => Err(sys::ESRCH),
        };
        match request.call {
            CONNECT => {
                let (places, own) = (&self.places, self.has_own_network);
                let connection = Connection::of(&caller, request, places, own)?;
                is_true()?;
                connection.make(self.listener, request, line);
            }
            BIND => {
                let binding = Binding::of(&caller, request)?;
                is_true()?;
                self.listener.answer(request.id, binding.make());
            }
            LISTEN => {
                let listening = Listening::of(&caller, request)?;
                is_true()?;
                self.listener.answer(request.id, listening.make());
            }
            CREATE_RULESET => {
                let ruleset = Ruleset::of(&caller, request, self.has_own_network)?;
                is_true()?;
                ruleset.make(self.listener, request.id);
            }
            mode::CHMOD | mode::FCHMOD | mode::FCHMODAT | mode::FCHMODAT2 => {
                let change = Change::of(&caller, request, &self.places)?;
                is_true()?;
                self.listener.answer(request.id, change.make());
            }
            _ => return Err(ENOSYS),
        }
        Ok(())
    }
}
