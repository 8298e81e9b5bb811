//! Removes a directory with whatever a process has put there.
//!
//! However deep it is nested, it takes no stack and few descriptors: what lies
//! deeper is moved up until there is nothing deeper.

use std::ffi::CString;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Dir, Mode, OFlags};
use rustix::io::Errno;

/// How many names are kept at a time.
const BATCH: usize = 1024;

/// Removes a directory and all that is in it. Links are removed, not followed.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    let top = open(CWD, path)?;
    let mut moved = 0;
    loop {
        let names = list(&top)?;
        if names.is_empty() {
            break;
        }
        for name in names {
            // Most are empty.
            if rustix::fs::unlinkat(&top, &name, AtFlags::REMOVEDIR).is_err()
                && is_directory_left(&top, &name)?
            {
                flatten(&top, &name, &mut moved)?;
                rustix::fs::unlinkat(&top, &name, AtFlags::REMOVEDIR)?;
            }
        }
    }
    Ok(rustix::fs::rmdir(path)?)
}

/// Empties a directory in `top`: its own directories are moved there.
fn flatten(top: &OwnedFd, name: &CString, moved: &mut u64) -> io::Result<()> {
    let directory = open_closed(top, name)?;
    loop {
        let names = list(&directory)?;
        if names.is_empty() {
            return Ok(());
        }
        for name in names {
            if is_directory_left(&directory, &name)? {
                move_up(&directory, &name, top, moved)?;
            }
        }
    }
}

fn move_up(from: &OwnedFd, name: &CString, top: &OwnedFd, moved: &mut u64) -> io::Result<()> {
    // Moving changes the directory too, which has to allow it.
    rustix::fs::chmodat(from, name, Mode::RWXU, AtFlags::empty())?;
    loop {
        *moved += 1;
        match rustix::fs::renameat(from, name, top, format!("moved-{moved}")) {
            // A process has taken the name.
            Err(Errno::EXIST | Errno::NOTEMPTY | Errno::NOTDIR) => {}
            result => return Ok(result?),
        }
    }
}

/// Removes what is no directory; whether it is one.
fn is_directory_left(directory: &OwnedFd, name: &CString) -> io::Result<bool> {
    match rustix::fs::unlinkat(directory, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(false),
        Err(Errno::ISDIR) => Ok(true),
        Err(errno) => Err(errno.into()),
    }
}

/// The first names in a directory.
fn list(directory: &OwnedFd) -> io::Result<Vec<CString>> {
    let mut names = Vec::new();
    for entry in Dir::read_from(directory)? {
        let name = entry?.file_name().to_owned();
        if !matches!(name.as_bytes(), b"." | b"..") {
            names.push(name);
        }
        if names.len() == BATCH {
            break;
        }
    }
    Ok(names)
}

/// Opens a directory whose mode may not allow it, and has its mode allow all.
fn open_closed(top: &OwnedFd, name: &CString) -> io::Result<OwnedFd> {
    rustix::fs::chmodat(top, name, Mode::RWXU, AtFlags::empty())?;
    open(top, name)
}

fn open(at: impl std::os::fd::AsFd, name: impl rustix::path::Arg) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(at, name, flags, Mode::empty())?)
}
