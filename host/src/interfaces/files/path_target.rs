//! Where a path of a guest leads: always below the folder that it is relative to,
//! and to something that nothing can be put in the place of afterwards.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd as _, OwnedFd};

use rustix::fs::{Mode, OFlags, ResolveFlags};
use rustix::io::Errno;
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::filesystem::types::ErrorCode;

use crate::capsule::git;

/// How often a path is looked up again while something on it is renamed.
const ATTEMPTS: u32 = 32;

/// A folder, and the name of something that is there or is to be.
pub(super) struct PathTarget<'a> {
    pub(super) folder: OwnedFd,
    pub(super) name: &'a str,
}

/// What is there, to be looked at but not yet opened.
pub(super) fn find(folder: impl AsFd, path: &str, follow: bool) -> io::Result<OwnedFd> {
    let last = if follow {
        OFlags::empty()
    } else {
        OFlags::NOFOLLOW
    };
    beneath(folder, path, OFlags::PATH | last, Mode::empty())
}

/// Opens something below a folder, as `openat` does.
pub(super) fn beneath(
    folder: impl AsFd,
    path: &str,
    flags: OFlags,
    mode: Mode,
) -> io::Result<OwnedFd> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    let mut attempt = 1;
    loop {
        let flags = flags | OFlags::CLOEXEC;
        match rustix::fs::openat2(&folder, path, flags, mode, resolve) {
            // Something on the way was renamed meanwhile.
            Err(Errno::AGAIN) if attempt < ATTEMPTS => attempt += 1,
            // It leads out of the folder.
            Err(Errno::XDEV) => return Err(Errno::PERM.into()),
            opened => return Ok(opened?),
        }
    }
}

/// The name by which the process reaches what it has open, whatever takes the
/// place of its path.
pub(super) fn held(open: impl AsFd) -> String {
    format!("/proc/self/fd/{}", open.as_fd().as_raw_fd())
}

/// Refuses to change what belongs to git, by where it is. `root` is the folder that the
/// capsule was given.
pub(super) fn keep_from_git(root: &File, found: &OwnedFd) -> Result<(), ErrorCode> {
    let path = git::path_of(found).ok_or(ErrorCode::NotPermitted)?;
    let folder = path.parent().ok_or(ErrorCode::NotPermitted)?;
    if git::is_in_git(&path) || git::belongs_to_git(root, folder) {
        return Err(ErrorCode::NotPermitted);
    }
    Ok(())
}

impl<'a> PathTarget<'a> {
    /// Where a path of a guest leads that is to be made, renamed or removed.
    pub(super) fn of(folder: impl AsFd, path: &'a str) -> FsResult<Self> {
        let trimmed = path.trim_end_matches('/');
        if trimmed.is_empty() {
            let error = if path.is_empty() {
                ErrorCode::NoEntry
            } else {
                ErrorCode::NotPermitted
            };
            return Err(error.into());
        }
        let (above, name) = trimmed.rsplit_once('/').unwrap_or((".", trimmed));
        // An absolute path.
        let above = if above.is_empty() { "/" } else { above };
        if matches!(name, "." | "..") {
            return Err(ErrorCode::Exist.into());
        }
        let flags = OFlags::PATH | OFlags::DIRECTORY;
        Ok(Self {
            folder: beneath(folder, above, flags, Mode::empty())?,
            name,
        })
    }

    /// The same where nothing of git may be made, changed or taken away. `root` is
    /// the folder that the capsule was given.
    pub(super) fn apart_from_git(root: &File, folder: &File, path: &'a str) -> FsResult<Self> {
        let place = Self::of(folder, path)?;
        let folder = git::path_of(&place.folder).ok_or(ErrorCode::NotPermitted)?;
        if git::is_git_name(place.name) || git::belongs_to_git(root, &folder) {
            return Err(ErrorCode::NotPermitted.into());
        }
        Ok(place)
    }

    /// Makes something there, unless its folder would be a repository with it.
    /// `undo` takes it away again.
    pub(super) fn make<T>(
        &self,
        make: impl FnOnce(&Self) -> rustix::io::Result<T>,
        undo: impl FnOnce(&Self) -> rustix::io::Result<()>,
    ) -> FsResult<T> {
        if !git::is_of_layout(self.name) {
            return Ok(make(self).map_err(io::Error::from)?);
        }
        let refused = ErrorCode::NotPermitted;
        if git::is_bare(&self.folder, Some(self.name)) {
            return Err(refused.into());
        }
        let made = make(self).map_err(io::Error::from)?;
        // Somebody else may have made another part between the look and the deed:
        // whoever comes last sees all parts.
        if git::is_bare(&self.folder, None) {
            undo(self).map_err(io::Error::from)?;
            return Err(refused.into());
        }
        Ok(made)
    }
}
