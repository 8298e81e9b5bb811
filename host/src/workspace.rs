//! The workspace on the host: one open directory, which processes see as `/workspace`
//! and capsules are granted.
//!
//! It is opened once. Everything is reached through that descriptor, so that
//! whoever swaps the path for a link later changes nothing.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};

/// The directory that processes and capsules know as `/workspace`.
#[derive(Debug)]
pub(crate) struct Workspace {
    directory: OwnedFd,
    path: PathBuf,
    uid: u32,
    gid: u32,
}

/// The path that an open directory has now.
pub(crate) fn current_path(directory: &OwnedFd) -> io::Result<PathBuf> {
    std::fs::read_link(format!("/proc/self/fd/{}", directory.as_raw_fd()))
}

impl Workspace {
    /// Opens it; links on the way are resolved here, and never again.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let real = path.canonicalize()?;
        let directory = rustix::fs::openat2(
            CWD,
            &real,
            OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
            Mode::empty(),
            ResolveFlags::NO_SYMLINKS,
        )?;
        let stat = rustix::fs::fstat(&directory)?;
        Ok(Self {
            directory,
            path: real,
            uid: stat.st_uid,
            gid: stat.st_gid,
        })
    }

    pub(crate) fn directory(&self) -> BorrowedFd<'_> {
        self.directory.as_fd()
    }

    pub(crate) fn file(&self) -> &OwnedFd {
        &self.directory
    }

    /// The path that it has on the host now, which may not be the one that it had.
    pub(crate) fn current_path(&self) -> io::Result<PathBuf> {
        current_path(&self.directory)
    }

    /// The path on the host, without links.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The user and the group that own it.
    pub(crate) fn owner(&self) -> (u32, u32) {
        (self.uid, self.gid)
    }
}
