//! What lies in a workspace, by its open directory: no link is followed.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

pub(super) fn is_folder(workspace: BorrowedFd<'_>, path: &Path, kind: FileType) -> bool {
    match kind {
        FileType::Directory => true,
        // Some file systems do not say.
        FileType::Unknown => {
            let stat = rustix::fs::statat(workspace, path, AtFlags::SYMLINK_NOFOLLOW);
            stat.is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Directory)
        }
        _ => false,
    }
}

/// Whether a folder cannot be listed because it was removed meanwhile, or replaced.
pub(in crate::sandbox::git) fn is_gone(error: Errno) -> bool {
    matches!(error, Errno::NOENT | Errno::NOTDIR | Errno::LOOP)
}

/// Opens a folder of the workspace to list it.
pub(in crate::sandbox::git) fn list(
    workspace: BorrowedFd<'_>,
    folder: &Path,
) -> rustix::io::Result<Dir> {
    Dir::new(open(
        workspace,
        // By its `.`, it has to be one that may be entered.
        &folder.join("."),
        OFlags::RDONLY | OFlags::DIRECTORY,
    )?)
}

/// Opens what is at a path in the workspace, following no link.
pub(in crate::sandbox::git) fn open(
    workspace: impl AsFd,
    path: &Path,
    flags: OFlags,
) -> rustix::io::Result<OwnedFd> {
    let path = match path.as_os_str().is_empty() {
        true => Path::new("."),
        false => path,
    };
    loop {
        let opened = rustix::fs::openat2(
            &workspace,
            path,
            flags | OFlags::CLOEXEC,
            Mode::empty(),
            ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS,
        );
        // The kernel gives up when something on the way was renamed meanwhile.
        if !matches!(opened, Err(Errno::AGAIN | Errno::INTR)) {
            return opened;
        }
    }
}
