//! The init as it is started, by whatever builds something around it or by the host
//! itself: its text as a file, and what each is given.

use std::ffi::CString;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use boll_init::wire;
use rustix::pipe::PipeFlags;

use super::cgroup::Groups;
use super::control::{Control, Ends};
use super::error::LaunchError;
use super::foundation::Foundation;
use super::launch::Program;
use super::memory_file;
use super::process::Process;
use super::standby::Waiting;

/// The init's program text. Before it is what a builder reads its arguments from.
pub(super) const INIT_FD: i32 = wire::FIRST_FOREIGN_FD + 1;

/// A program that comes to be an init, and only has to be started.
#[derive(Debug)]
pub(super) struct Connected {
    pub(super) program: Program,
    pub(super) ends: Ends,
}

impl Connected {
    /// Has the command join its groups.
    pub(super) fn join(mut self, groups: Option<Arc<Groups>>) -> Result<Self, LaunchError> {
        let joined = self.ends.control.join(groups);
        joined.map(|()| self).map_err(LaunchError::Group)
    }

    /// Starts it, and keeps with it what it has of its own. The kernel ends a builder
    /// with the thread that calls this.
    pub(super) fn start<O>(self, own: O) -> Result<Waiting<O>, LaunchError> {
        Ok(Waiting {
            process: Arc::new(Process::start(self.program).map_err(LaunchError::Spawn)?),
            ends: self.ends,
            own,
        })
    }
}

/// Gives a program that comes to be an init what every init needs, and these
/// files under their numbers.
pub(super) fn connect(
    foundation: &Foundation,
    mut program: Program,
    files: impl IntoIterator<Item = (io::Result<OwnedFd>, i32)>,
) -> Result<Connected, LaunchError> {
    let complaints = memory_file::scratch("boll-complaints").map_err(LaunchError::Arguments)?;
    let told = complaints.try_clone();
    let (control, inside) = Control::new(complaints).map_err(LaunchError::Pipe)?;
    let (status, status_out) = pipe().map_err(LaunchError::Pipe)?;
    let of_every_init = [
        (foundation.null(), 0),
        (foundation.null(), 1),
        (told, 2),
        (Ok(inside), wire::CONTROL_FD),
        (Ok(status_out), wire::STATUS_FD),
    ];
    for (file, number) in of_every_init.into_iter().chain(files) {
        program.give(file.map_err(LaunchError::Descriptor)?, number);
    }
    Ok(Connected {
        program,
        ends: Ends { status, control },
    })
}

/// The init as a file that can be executed.
pub(super) fn file() -> io::Result<OwnedFd> {
    memory_file::sealed("boll-init", boll_init::PROGRAM)
}

/// Where a program that is being started finds the init.
pub(super) fn path() -> CString {
    text(format_args!("/proc/self/fd/{INIT_FD}"))
}

/// An argument that is known to have no NUL.
pub(super) fn text(argument: impl ToString) -> CString {
    CString::new(argument.to_string()).unwrap_or_default()
}

pub(super) fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?)
}
