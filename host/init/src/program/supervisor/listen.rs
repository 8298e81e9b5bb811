//! Listening, where the network is shared with others: whoever reaches a unix socket without a
//! file passes descriptors, and so files, over it. No `bind` is needed for a name: the kernel
//! gives one to a socket that wants credentials (`SO_PASSCRED`) when it is connected, also where
//! nobody answers.

use super::caller::Caller;
use super::notify::Request;
use super::socket::{Socket, UNIX};
use crate::program::sys::{EPERM, Errno};

/// A socket that may listen.
pub(crate) struct Listening {
    socket: Socket,
    backlog: u64,
}

impl Listening {
    /// What a call would have listen. Its name stays as it is judged: none is given but by the
    /// supervisor, which does one thing after the other.
    pub(crate) fn of(caller: &Caller, request: &Request) -> Result<Self, Errno> {
        let [number, backlog, ..] = request.args;
        let socket = Socket::of(caller, number)?;
        if socket.family == UNIX && !socket.has_path()? {
            return Err(EPERM);
        }
        Ok(Self { socket, backlog })
    }

    pub(crate) fn make(&self) -> Result<(), Errno> {
        self.socket.listen(self.backlog)
    }
}
