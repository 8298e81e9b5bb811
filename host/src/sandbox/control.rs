//! The host's hold on a sandbox: the socket to its init.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};

use rustix::net::{
    AddressFamily, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags, SocketType,
};

use super::{memory_file, wire};

/// The command's standard streams.
#[derive(Debug)]
pub(crate) struct Stdio {
    pub(crate) stdin: OwnedFd,
    pub(crate) stdout: OwnedFd,
    pub(crate) stderr: OwnedFd,
}

/// All that an init needs to run a command.
#[derive(Debug)]
pub(super) struct Assignment {
    /// What [`super::Order`] writes.
    pub(super) order: OwnedFd,
    pub(super) stdio: Stdio,
}

/// The host's hold on a sandbox. Dropping it ends the sandbox.
#[derive(Debug)]
pub(crate) struct Control {
    socket: OwnedFd,
    complaints: OwnedFd,
}

impl Control {
    /// A hold on a sandbox that is yet to be built, and the init's end of it.
    pub(super) fn new(complaints: OwnedFd) -> io::Result<(Self, OwnedFd)> {
        let flags = SocketFlags::CLOEXEC;
        let (socket, inside) =
            rustix::net::socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None)?;
        Ok((Self { socket, complaints }, inside))
    }

    /// Signals every process of the sandbox. When it is gone, nothing happens.
    pub(crate) fn signal(&self, signal: i32) {
        if let Ok(byte) = u8::try_from(signal) {
            let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
            let _ = rustix::net::send(&self.socket, &[byte], flags);
        }
    }

    /// What the sandbox's builder said, which is something only when it failed.
    pub(crate) fn complaint(&self) -> io::Result<String> {
        memory_file::text(&self.complaints, 1024)
    }

    /// Has the init run a command, now or as soon as it is there. Only the
    /// first assignment counts.
    pub(super) fn assign(&self, assignment: &Assignment) -> io::Result<()> {
        let Assignment { order, stdio } = assignment;
        let files = [order, &stdio.stdin, &stdio.stdout, &stdio.stderr].map(AsFd::as_fd);
        let mut space =
            [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(wire::ORDER_FILES_MAX))];
        let mut descriptors = SendAncillaryBuffer::new(&mut space);
        if !descriptors.push(SendAncillaryMessage::ScmRights(&files)) {
            return Err(io::Error::other("too many descriptors for one packet"));
        }
        let packet = [IoSlice::new(&wire::ORDER_PACKET)];
        rustix::net::sendmsg(
            &self.socket,
            &packet,
            &mut descriptors,
            SendFlags::NOSIGNAL | SendFlags::DONTWAIT,
        )?;
        Ok(())
    }
}
