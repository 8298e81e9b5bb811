//! The workspace on the host: one open directory, and what lies in it.
//!
//! Everything is reached through the descriptor that was opened first, so that
//! whoever swaps the path for a link later changes nothing.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};

/// The directory that processes see as `/workspace`.
#[derive(Debug)]
pub(super) struct Workspace {
    directory: OwnedFd,
    path: PathBuf,
    uid: u32,
    gid: u32,
}

/// What is wrong with a workspace.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// It is missing, or no directory, or may not be read.
    #[error("cannot open the workspace {path}")]
    Open {
        /// As it was set.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something that git obeys and that has to stay as it is cannot be pinned.
    #[error(
        "cannot keep `{what}` of the workspace, which git obeys, from being replaced ({source}); a \
         symbolic link there has to become a file or directory before processes may write the \
         workspace without `workspace:git`"
    )]
    Pin {
        /// Its path in the workspace.
        what: String,
        /// Why.
        source: io::Error,
    },
    /// What git obeys cannot be found out.
    #[error(
        "the workspace cannot be written: {because}; choose a smaller workspace, remove repositories \
         that are not yours, or have the process ask for `read-write-git` and grant it `workspace:git`"
    )]
    Unknown {
        /// Why.
        because: &'static str,
    },
    /// There is more that git obeys than can be pinned.
    #[error(
        "the workspace has too many git repositories and paths that git obeys: keeping them from \
         being changed takes {count} mounts, and at most {limit} are made; choose a smaller \
         workspace, or have the process ask for `read-write-git` and grant it `workspace:git`"
    )]
    TooMany {
        /// How many mounts it would take.
        count: usize,
        /// How many are made at most.
        limit: usize,
    },
}

/// The device and the number of a file, which no other file has while that one
/// is open.
pub(super) type Identity = (u64, u64);

pub(super) fn identity(file: &OwnedFd) -> rustix::io::Result<Identity> {
    let stat = rustix::fs::fstat(file)?;
    Ok((stat.st_dev, stat.st_ino))
}

/// The path that an open directory has now.
pub(super) fn current_path(directory: &OwnedFd) -> io::Result<PathBuf> {
    std::fs::read_link(format!("/proc/self/fd/{}", directory.as_raw_fd()))
}

impl Workspace {
    pub(super) fn open(path: &Path) -> Result<Self, WorkspaceError> {
        let failed = |source: io::Error| WorkspaceError::Open {
            path: path.into(),
            source,
        };
        // Links on the way are resolved once, here; from then on none is followed.
        let real = path.canonicalize().map_err(failed)?;
        let directory = rustix::fs::openat2(
            CWD,
            &real,
            OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
            Mode::empty(),
            ResolveFlags::NO_SYMLINKS,
        )
        .map_err(|errno| failed(errno.into()))?;
        let stat = rustix::fs::fstat(&directory).map_err(|errno| failed(errno.into()))?;
        Ok(Self {
            directory,
            path: real,
            uid: stat.st_uid,
            gid: stat.st_gid,
        })
    }

    pub(super) fn directory(&self) -> BorrowedFd<'_> {
        self.directory.as_fd()
    }

    pub(super) fn file(&self) -> &OwnedFd {
        &self.directory
    }

    /// The path that it has on the host now, which may not be the one that it had.
    pub(super) fn current_path(&self) -> Result<PathBuf, WorkspaceError> {
        current_path(&self.directory).map_err(|source| WorkspaceError::Open {
            path: self.path.clone(),
            source,
        })
    }

    /// The path on the host, without links.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The user and the group that own it.
    pub(super) fn owner(&self) -> (u32, u32) {
        (self.uid, self.gid)
    }
}
