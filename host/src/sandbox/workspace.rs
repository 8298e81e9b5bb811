//! The workspace on the host: one open directory, and what lies in it.
//!
//! Everything is reached through the descriptor that was opened first, so that
//! whoever swaps the path for a link later changes nothing.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FileType, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use super::plan::GitPin;

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
    /// A part of `.git` that has to stay as it is cannot be pinned.
    #[error(
        "cannot keep `{what}` of the workspace from being replaced ({source}); a symbolic link \
         there has to become a file or directory before processes may write the workspace"
    )]
    Pin {
        /// Its path in the workspace.
        what: &'static str,
        /// Why.
        source: io::Error,
    },
}

/// The open parts of `.git` that a writable workspace pins.
#[derive(Debug, Default)]
pub(super) struct GitFiles {
    pub(super) git: Option<OwnedFd>,
    pub(super) hooks: Option<OwnedFd>,
    pub(super) config: Option<OwnedFd>,
}

/// The device and the number of a file, which no other file has while that one
/// is open.
pub(super) type Identity = (u64, u64);

impl GitFiles {
    /// Which files are pinned.
    pub(super) fn identities(&self) -> io::Result<[Option<Identity>; 3]> {
        let mut identities = [None; 3];
        let files = [&self.git, &self.hooks, &self.config];
        for (identity, file) in identities.iter_mut().zip(files) {
            if let Some(file) = file {
                let stat = rustix::fs::fstat(file)?;
                *identity = Some((stat.st_dev, stat.st_ino));
            }
        }
        Ok(identities)
    }
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

    /// The path on the host, without links.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The user and the group that own it.
    pub(super) fn owner(&self) -> (u32, u32) {
        (self.uid, self.gid)
    }

    /// Opens what a writable sandbox pins. A link cannot be pinned: whoever may
    /// write the directory that it lies in can put something else in its place.
    pub(super) fn git(&self) -> Result<(GitPin, GitFiles), WorkspaceError> {
        let mut files = GitFiles::default();
        let Some((git, kind)) = open_plain(&self.directory, ".git", ".git")? else {
            return Ok((GitPin::Nothing, files));
        };
        if kind != FileType::Directory {
            files.git = Some(git);
            return Ok((GitPin::File, files));
        }
        files.hooks = open_plain(&git, "hooks", ".git/hooks")?.map(|(file, _)| file);
        files.config = open_plain(&git, "config", ".git/config")?.map(|(file, _)| file);
        files.git = Some(git);
        let pin = GitPin::Directory {
            hooks: files.hooks.is_some(),
            config: files.config.is_some(),
        };
        Ok((pin, files))
    }
}

/// Opens a directory entry that is not a link, if there is one.
fn open_plain(
    directory: &OwnedFd,
    name: &str,
    what: &'static str,
) -> Result<Option<(OwnedFd, FileType)>, WorkspaceError> {
    let failed = |errno: Errno| WorkspaceError::Pin {
        what,
        source: errno.into(),
    };
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let strict = ResolveFlags::NO_SYMLINKS | ResolveFlags::BENEATH;
    match rustix::fs::openat2(directory, name, flags, Mode::empty(), strict) {
        Ok(file) => {
            let stat = rustix::fs::fstat(&file).map_err(failed)?;
            Ok(Some((file, FileType::from_raw_mode(stat.st_mode))))
        }
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(failed(errno)),
    }
}
