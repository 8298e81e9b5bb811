//! The host's hold on a sandbox: the socket to its init.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};

use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags,
    SocketType,
};

use super::process::until_readable;
use super::{LaunchError, Order, memory_file, seccomp, wire};

/// The command's standard streams.
#[derive(Debug)]
pub(crate) struct Stdio {
    pub(crate) stdin: OwnedFd,
    pub(crate) stdout: OwnedFd,
    pub(crate) stderr: OwnedFd,
}

/// All that an init needs to run a command, as descriptors.
#[derive(Debug)]
pub(super) struct Assignment {
    order: OwnedFd,
    stdio: Stdio,
}

/// The host's hold on a sandbox. Dropping it ends the sandbox.
#[derive(Debug)]
pub(crate) struct Control {
    socket: OwnedFd,
    complaints: OwnedFd,
}

impl Assignment {
    pub(super) fn new(order: &Order, stdio: Stdio) -> Result<Self, LaunchError> {
        let filter = seccomp::program().map_err(LaunchError::Filter)?;
        let order = order.to_file(filter).map_err(LaunchError::Order)?;
        Ok(Self { order, stdio })
    }
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

    /// Waits until the init has taken its assignment; false when it never will,
    /// and so has run nothing.
    pub(super) async fn accepted(&self) -> io::Result<bool> {
        until_readable(&self.socket, || {
            let mut taken = wire::TAKEN;
            match rustix::net::recv(&self.socket, &mut taken, RecvFlags::DONTWAIT) {
                Ok((_, count)) => Some(count == taken.len()),
                Err(Errno::AGAIN | Errno::INTR) => None,
                // It ended with the assignment unread.
                Err(_) => Some(false),
            }
        })
        .await
    }
}
