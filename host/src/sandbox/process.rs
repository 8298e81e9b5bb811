//! A started process: its id, and the descriptor by which it is watched.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, PidfdFlags, Signal, WaitId, WaitIdOptions};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::launch::{Program, Role};
use super::status::Usage;
use super::usage;

/// The program that builds a sandbox, or an init, running. It becomes a zombie unless
/// [`Process::has_ended`] is asked to the end.
#[derive(Debug)]
pub(super) struct Process {
    /// Nobody else's until it is reaped, which only [`Process::has_ended`] does.
    pid: Pid,
    descriptor: OwnedFd,
    role: Role,
}

impl Process {
    /// The kernel kills a builder with the thread that calls this.
    pub(super) fn start(program: Program) -> io::Result<Self> {
        let role = program.role();
        let pid = program.spawn()?;
        let descriptor =
            rustix::process::pidfd_open(pid, PidfdFlags::empty()).inspect_err(|_| {
                // Without a pidfd it cannot be supervised.
                let _ = rustix::process::kill_process(pid, Signal::KILL);
                let _ = rustix::process::waitid(WaitId::Pid(pid), WaitIdOptions::EXITED);
            })?;
        Ok(Self {
            pid,
            descriptor,
            role,
        })
    }

    /// Its id, which may be another process's once it was reaped.
    pub(super) fn id(&self) -> u32 {
        self.pid.as_raw_pid().unsigned_abs()
    }

    /// Readable when it has ended.
    pub(super) fn descriptor(&self) -> &OwnedFd {
        &self.descriptor
    }

    /// Whether it has ended, also when somebody else has reaped it. Reaps it.
    pub(super) fn has_ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
        match rustix::process::waitid(WaitId::PidFd(self.descriptor.as_fd()), options) {
            Ok(status) => status.is_some(),
            Err(rustix::io::Errno::INTR) => false,
            Err(_) => true,
        }
    }

    /// What the processes below it have used so far. It must not be reaped.
    pub(super) fn usage(&self) -> Usage {
        match self.role {
            Role::Builder => usage::of_sandbox(self.id()),
            Role::Init => usage::of_tree(self.id()),
        }
    }

    /// Makes one end that takes long to notice that it has to.
    pub(super) fn hurry(&self) {
        let signal = match self.role {
            // It may be stuck before the init runs. Its end ends the init too.
            Role::Builder => Signal::KILL,
            // It may have been stopped. Killing it would set free what it is to end.
            Role::Init => Signal::CONT,
        };
        // It fails for one that has ended.
        let _ = rustix::process::pidfd_send_signal(&self.descriptor, signal);
    }

    /// Waits until it has ended, and reaps it.
    pub(super) async fn gone(&self) -> io::Result<()> {
        until_readable(&self.descriptor, || self.has_ended().then_some(())).await
    }
}

/// Waits until a file is readable, or its other end closed; false when the time has
/// passed before.
pub(super) fn wait_readable(file: &OwnedFd, until: Instant) -> io::Result<bool> {
    loop {
        // Longer than the kernel can count is without end.
        let left = Timespec::try_from(until.saturating_duration_since(Instant::now())).ok();
        let mut watched = [PollFd::new(file, PollFlags::IN)];
        match rustix::event::poll(&mut watched, left.as_ref()) {
            Ok(count) => return Ok(count > 0),
            Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

/// Looks at once, and whenever a file is readable, until `look` sees something.
#[allow(unsafe_code)]
pub(super) async fn until_readable<T>(
    file: &OwnedFd,
    look: impl Fn() -> Option<T>,
) -> io::Result<T> {
    if let Some(seen) = look() {
        return Ok(seen);
    }
    let own = file.try_clone()?;
    // SAFETY: the descriptor is owned by what it is given to, and by nothing else.
    let watched = unsafe { AsyncFd::register_with_interest(own, Interest::READABLE) }?;
    loop {
        let mut ready = watched.readable().await?;
        if let Some(seen) = look() {
            return Ok(seen);
        }
        ready.clear_ready();
    }
}
