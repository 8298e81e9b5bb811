//! Giving a socket an address, where the network is shared with others: names of unix
//! sockets without a file would be seen by all who share it.
//!
//! The supervisor is under the same rules of Landlock as the tree: it makes the
//! socket's file only where the tree might.

use core::ffi::CStr;

use super::caller::Caller;
use super::file::File;
use super::notify::Request;
use super::socket::{Address, Name, Socket, UNIX};
use crate::program::sys::{self, EPERM, Errno, syscall};

/// An address that may be given.
pub(crate) struct Binding {
    socket: Socket,
    address: Address,
    place: Option<Place>,
}

/// What the making of a file depends on.
struct Place {
    directory: Option<File>,
    umask: u64,
}

impl Binding {
    /// What a call would bind.
    pub(crate) fn of(caller: &Caller, request: &Request) -> Result<Self, Errno> {
        let [number, at, len, ..] = request.args;
        let socket = Socket::of(caller, number)?;
        let address = Address::of(caller, at, len)?;
        if !socket.is_known() {
            return Err(EPERM);
        }
        let place = match socket.family {
            UNIX => match address.name()? {
                Name::Abstract => return Err(EPERM),
                Name::Path(path) => Some(Place::of(caller, path)?),
            },
            _ => None,
        };
        Ok(Self {
            socket,
            address,
            place,
        })
    }

    /// Gives it. The socket keeps the address as the caller has it.
    pub(crate) fn make(&self) -> Result<(), Errno> {
        if let Some(place) = &self.place {
            place.enter()?;
        }
        self.socket.bind(&self.address)
    }
}

impl Place {
    fn of(caller: &Caller, path: &CStr) -> Result<Self, Errno> {
        let is_relative = !path.to_bytes().starts_with(b"/");
        let directory = is_relative.then(|| caller.directory()).transpose()?;
        let umask = caller.umask()?;
        Ok(Self { directory, umask })
    }

    /// Neither is shared with the init's other thread.
    fn enter(&self) -> Result<(), Errno> {
        let _ = syscall!(95, self.umask);
        match &self.directory {
            Some(directory) => sys::enter_open(directory.0),
            None => Ok(()),
        }
    }
}
