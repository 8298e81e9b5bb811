//! Connecting a socket: to what is the tree's own, or to where its network leads.
//!
//! A filter sees neither what kind of socket it is nor the address. So the supervisor
//! takes both, judges them, and connects the socket itself.

use core::mem::MaybeUninit;

use super::caller::{Caller, Last};
use super::file::File;
use super::notify::{Listener, Request};
use super::places::Places;
use super::socket::{Address, Name, Socket, UNIX};
use crate::program::sys::{
    self, EACCES, EAGAIN, EALREADY, EINPROGRESS, EINTR, EPERM, Errno, PollFd,
};

const AT_FDCWD: i32 = -100;

/// The most connections of a tree that are waited for at a time. Each takes two descriptors, of
/// which there are often no more than 1024.
pub(crate) const WAITING_MAX: usize = 480;
/// How long it looks after those of which nothing has happened, in microseconds: others are
/// answered in between.
const LOOK_FOR: u64 = 4000;

/// A connection that may be made.
pub(crate) struct Connection {
    socket: Socket,
    address: Address,
    /// The file of the socket that is connected to, held open, by which the address
    /// names it.
    _file: Option<File>,
}

/// What came of trying.
enum Tried {
    Done(Result<(), Errno>),
    /// The socket tells when it is connected.
    Begun,
    /// Nobody tells; it is to be tried again.
    Again,
}

/// A connection that takes its time, and whose caller waits.
pub(crate) struct Waiting {
    id: u64,
    thread: u32,
    connection: Connection,
    has_begun: bool,
    /// At the last look there was a signal for the caller.
    had_signal: bool,
    /// In microseconds.
    until: Option<u64>,
}

/// All of them, the first `count` places, in memory that is taken as it is needed.
pub(crate) struct Line {
    places: &'static mut [MaybeUninit<Waiting>],
    count: usize,
    /// Below this place are those that there was no time for at the last look.
    rest: usize,
}

impl Connection {
    /// What a call would connect.
    pub(crate) fn of(
        caller: &Caller,
        request: &Request,
        places: &Places,
        has_own_network: bool,
    ) -> Result<Self, Errno> {
        let [number, at, len, ..] = request.args;
        let socket = Socket::of(caller, number)?;
        let address = Address::of(caller, at, len)?;
        if !socket.is_known() {
            return Err(EPERM);
        }
        let mut connection = Self {
            socket,
            address,
            _file: None,
        };
        if connection.socket.family != UNIX {
            return Ok(connection);
        }
        match address.name()? {
            Name::Abstract if has_own_network => Ok(connection),
            Name::Abstract => Err(EPERM),
            Name::Path(path) => {
                let file = caller.open_path(AT_FDCWD, path, Last::Followed)?;
                if !places.is_own(&file)? {
                    return Err(EACCES);
                }
                connection.address = Address::at(file.path().as_text()?)?;
                connection._file = Some(file);
                Ok(connection)
            }
        }
    }

    /// Makes it, or has the caller wait for it in the line.
    pub(crate) fn make(self, listener: Listener, request: &Request, line: &mut Line) {
        let waits = self.socket.may_wait() && self.socket.set_waiting(false) == Ok(true);
        let tried = self.attempt(waits);
        if waits {
            let _ = self.socket.set_waiting(true);
        }
        let has_begun = match tried {
            Tried::Done(result) => return listener.answer(request.id, result),
            Tried::Begun => true,
            Tried::Again => false,
        };
        let until = match self.socket.patience_micros() {
            0 => None,
            time => Some(sys::now_micros().saturating_add(time)),
        };
        let waiting = Waiting {
            id: request.id,
            thread: request.thread,
            connection: self,
            has_begun,
            had_signal: false,
            until,
        };
        if !line.push(waiting) {
            listener.answer(request.id, Err(EAGAIN));
        }
    }

    /// Connects without waiting; `waits` is whether the caller would have.
    fn attempt(&self, waits: bool) -> Tried {
        match self.socket.connect(&self.address) {
            // Begun by an earlier call that a signal has ended.
            Err(EINPROGRESS | EALREADY) if waits => Tried::Begun,
            // Who listens has enough waiting.
            Err(EAGAIN) if waits && self.socket.family == UNIX => Tried::Again,
            result => Tried::Done(result),
        }
    }
}

impl Waiting {
    /// Whether it is at its end, which the caller is told then. `ready`: the socket
    /// has told something.
    fn end(&mut self, listener: Listener, ready: bool, now: u64) -> bool {
        // One that another thread takes is gone at the next look.
        let had_signal = self.had_signal;
        self.had_signal = !ready && Caller::has_signal(self.thread);
        let result = if self.has_begun && ready {
            self.connection.socket.take_error()
        } else if !listener.waits(self.id) {
            return true;
        } else if had_signal && self.had_signal {
            Err(EINTR)
        } else if self.until.is_some_and(|until| now >= until) {
            Err(if self.has_begun { EINPROGRESS } else { EAGAIN })
        } else if !self.has_begun {
            let socket = &self.connection.socket;
            let was_waiting = socket.set_waiting(false) == Ok(true);
            let tried = self.connection.attempt(true);
            if was_waiting {
                let _ = socket.set_waiting(true);
            }
            match tried {
                Tried::Done(result) => result,
                Tried::Begun | Tried::Again => return false,
            }
        } else {
            return false;
        };
        listener.answer(self.id, result);
        true
    }
}

impl Line {
    pub(crate) fn new() -> Result<Self, Errno> {
        let bytes = sys::bytes(WAITING_MAX * size_of::<Waiting>())?;
        let first = bytes.as_mut_ptr().cast::<MaybeUninit<Waiting>>();
        // SAFETY: it is as much memory as that takes, at the beginning of a page, and
        // nobody else's; what it holds is taken for nothing.
        let places = unsafe { core::slice::from_raw_parts_mut(first, WAITING_MAX) };
        Ok(Self {
            places,
            count: 0,
            rest: usize::MAX,
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Has `poll` watch each, at its own place; those that are watched.
    pub(crate) fn watch(&self, watched: &mut [PollFd]) -> usize {
        for (poll, place) in watched.iter_mut().zip(&*self.places).take(self.count) {
            // SAFETY: the first `count` are there.
            let waiting = unsafe { place.assume_init_ref() };
            let fd = match waiting.has_begun {
                true => waiting.connection.socket.file.0,
                false => -1,
            };
            *poll = PollFd::new(fd, sys::POLLOUT);
        }
        self.count
    }

    /// Tells those whose connections are at their end. `watched` is what came of watching
    /// all. `all`: it is time to look at those, too, of which nothing has happened; those that
    /// there is no time for come first the next time.
    pub(crate) fn look(&mut self, listener: Listener, watched: &[PollFd], all: bool) {
        let now = sys::now_micros();
        let rest = self.rest;
        if all {
            self.rest = usize::MAX;
        }
        // From the last on: one that goes leaves its place to the last, which has been
        // looked at.
        for (index, poll) in watched.iter().enumerate().rev() {
            let ready = poll.fd >= 0 && poll.happened != 0;
            if !ready && (!all || index >= rest) || index >= self.count {
                continue;
            }
            if !ready && sys::now_micros().saturating_sub(now) > LOOK_FOR {
                if self.rest == usize::MAX {
                    self.rest = index + 1;
                }
                continue;
            }
            let Some(place) = self.places.get_mut(index) else {
                continue;
            };
            // SAFETY: the first `count` are there.
            let waiting = unsafe { place.assume_init_mut() };
            if waiting.end(listener, ready, now) {
                self.remove(index);
            }
        }
    }

    /// Whether there was room.
    fn push(&mut self, waiting: Waiting) -> bool {
        let place = self.places.get_mut(self.count);
        let room = place.map(|place| place.write(waiting)).is_some();
        self.count += usize::from(room);
        room
    }

    fn remove(&mut self, index: usize) {
        let last = self.count - 1;
        self.places.swap(index, last);
        self.count = last;
        if let Some(place) = self.places.get_mut(last) {
            // SAFETY: it was there, and no longer counts.
            unsafe { place.assume_init_drop() };
        }
    }
}
