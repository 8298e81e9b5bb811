//! The host's hold on a sandbox: the socket to its init.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use boll_init::wire;
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags,
    SocketType,
};

use super::cgroup::{Groups, TreeLimit, TreeLimits};
use super::error::LaunchError;
use super::memory_file;
use super::order::{Imposed, Order};
use super::process::until_readable;
use super::status::Usage;

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
    /// What is compared with what the order's paths lead to.
    judged: Vec<OwnedFd>,
    stdio: Stdio,
}

/// The host's ends of a sandbox.
#[derive(Debug)]
pub(crate) struct Ends {
    /// Gives the init's messages.
    pub(crate) status: OwnedFd,
    /// Dropping it ends the sandbox.
    pub(crate) control: Control,
}

/// The host's hold on a sandbox. Dropping it ends the sandbox.
#[derive(Debug)]
pub(crate) struct Control {
    socket: OwnedFd,
    complaints: OwnedFd,
    /// Those of the command, if it has some.
    groups: Option<Arc<Groups>>,
}

impl Assignment {
    pub(super) fn new(
        order: &Order,
        imposed: &Imposed<'_>,
        stdio: Stdio,
    ) -> Result<Self, LaunchError> {
        let judged = order.judged().map(|file| file.try_clone_to_owned());
        Ok(Self {
            judged: judged
                .collect::<Result<_, _>>()
                .map_err(LaunchError::Order)?,
            order: order.to_file(imposed).map_err(LaunchError::Order)?,
            stdio,
        })
    }
}

impl Control {
    /// A hold on a sandbox that is yet to be built, and the init's end of it.
    pub(super) fn new(complaints: OwnedFd) -> io::Result<(Self, OwnedFd)> {
        let flags = SocketFlags::CLOEXEC;
        let (socket, inside) =
            rustix::net::socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None)?;
        let control = Self {
            socket,
            complaints,
            groups: None,
        };
        Ok((control, inside))
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

    /// Has the command join its groups, before its order comes.
    pub(super) fn join(&mut self, groups: Option<Arc<Groups>>) -> io::Result<()> {
        self.groups = groups;
        let Some(groups) = &self.groups else {
            return Ok(());
        };
        let entrances = groups.entrances()?;
        let files: Vec<_> = entrances.iter().map(AsFd::as_fd).collect();
        self.send(wire::JOIN, &files)
    }

    /// Has its groups hold the command to its own limits.
    pub(super) fn limit(&self, limits: TreeLimits) -> io::Result<()> {
        self.groups
            .as_ref()
            .map_or(Ok(()), |groups| groups.limit(limits))
    }

    /// The command's groups. They are given back with the last that holds them.
    pub(super) fn groups(&self) -> Option<Arc<Groups>> {
        self.groups.clone()
    }

    /// The limit on all processes together that the command has met.
    pub(crate) fn limit_hit(&self) -> Option<TreeLimit> {
        self.groups.as_ref()?.hit()
    }

    /// What the init told of the command's use, with what its groups know better.
    pub(crate) fn refine(&self, usage: &mut Usage) {
        if let Some(groups) = &self.groups {
            groups.refine(usage);
        }
    }

    /// Has the init run a command, now or as soon as it is there. Only the
    /// first assignment counts.
    pub(super) fn assign(&self, assignment: &Assignment) -> io::Result<()> {
        let Assignment {
            order,
            judged,
            stdio,
        } = assignment;
        let files = [order, &stdio.stdin, &stdio.stdout, &stdio.stderr].into_iter();
        let files: Vec<_> = files.chain(judged).map(AsFd::as_fd).collect();
        self.send(wire::ORDER, &files)
    }

    fn send(&self, kind: u8, files: &[BorrowedFd<'_>]) -> io::Result<()> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(wire::FILES_MAX))];
        let mut descriptors = SendAncillaryBuffer::new(&mut space);
        if !descriptors.push(SendAncillaryMessage::ScmRights(files)) {
            return Err(io::Error::other("too many descriptors for one packet"));
        }
        rustix::net::sendmsg(
            &self.socket,
            &[IoSlice::new(&[kind])],
            &mut descriptors,
            SendFlags::NOSIGNAL | SendFlags::DONTWAIT,
        )?;
        Ok(())
    }

    /// Waits until the assignment was taken; false when it never will,
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
