//! Making, renaming, linking and removing, by the folder that a path leads to and
//! one name in it, so that no link is followed on the way to the deed.

use std::fs::File;
use std::io;

use rustix::fs::{AtFlags, CWD, Mode, Timespec, Timestamps, UTIME_NOW, UTIME_OMIT};
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::filesystem::types::{ErrorCode, NewTimestamp};

use super::path_target::{PathTarget, find, held, keep_from_git};

/// The folder that the capsule was given, one in it, and a path in that.
pub(super) type Path<'a> = (&'a File, &'a File, &'a str);

pub(super) fn make_folder(root: &File, folder: &File, path: &str) -> FsResult<()> {
    let place = PathTarget::apart_from_git(root, folder, path)?;
    place.make(
        |place| rustix::fs::mkdirat(&place.folder, place.name, Mode::from(0o777)),
        |place| rustix::fs::unlinkat(&place.folder, place.name, AtFlags::REMOVEDIR),
    )
}

pub(super) fn symlink(root: &File, folder: &File, target: &str, path: &str) -> FsResult<()> {
    if may_lead_out(target) {
        return Err(ErrorCode::NotPermitted.into());
    }
    let place = PathTarget::apart_from_git(root, folder, path)?;
    place.make(
        |place| rustix::fs::symlinkat(target, &place.folder, place.name),
        |place| rustix::fs::unlinkat(&place.folder, place.name, AtFlags::empty()),
    )
}

/// Whether whoever on the host follows a link with this target could leave the folder. Any `..`
/// could: a folder before it may be a link, and the link may be moved up later.
fn may_lead_out(target: &str) -> bool {
    target.starts_with('/') || target.split('/').any(|part| part == "..")
}

/// A second name for a file of git's would be a way to write it, so that both names
/// are judged.
pub(super) fn link(from: Path<'_>, to: Path<'_>) -> FsResult<()> {
    let from = PathTarget::apart_from_git(from.0, from.1, from.2)?;
    let to = PathTarget::apart_from_git(to.0, to.1, to.2)?;
    to.make(
        |to| {
            let flags = AtFlags::empty();
            rustix::fs::linkat(&from.folder, from.name, &to.folder, to.name, flags)
        },
        |to| rustix::fs::unlinkat(&to.folder, to.name, AtFlags::empty()),
    )
}

pub(super) fn rename(from: Path<'_>, to: Path<'_>) -> FsResult<()> {
    let from = PathTarget::apart_from_git(from.0, from.1, from.2)?;
    let to = PathTarget::apart_from_git(to.0, to.1, to.2)?;
    to.make(
        |to| rustix::fs::renameat(&from.folder, from.name, &to.folder, to.name),
        |to| rustix::fs::renameat(&to.folder, to.name, &from.folder, from.name),
    )
}

pub(super) fn remove_file(root: &File, folder: &File, path: &str) -> FsResult<()> {
    let place = PathTarget::apart_from_git(root, folder, path)?;
    let removed = rustix::fs::unlinkat(&place.folder, place.name, AtFlags::empty());
    Ok(removed.map_err(io::Error::from)?)
}

pub(super) fn remove_folder(root: &File, folder: &File, path: &str) -> FsResult<()> {
    let place = PathTarget::apart_from_git(root, folder, path)?;
    let removed = rustix::fs::unlinkat(&place.folder, place.name, AtFlags::REMOVEDIR);
    Ok(removed.map_err(io::Error::from)?)
}

/// Sets the times of something without opening it.
pub(super) fn set_times(
    root: &File,
    folder: &File,
    path: &str,
    follow: bool,
    times: &Timestamps,
) -> FsResult<()> {
    let set = if follow {
        let found = find(folder, path, true)?;
        keep_from_git(root, &found)?;
        rustix::fs::utimensat(CWD, held(&found), times, AtFlags::empty())
    } else {
        let place = PathTarget::apart_from_git(root, folder, path)?;
        rustix::fs::utimensat(&place.folder, place.name, times, AtFlags::SYMLINK_NOFOLLOW)
    };
    Ok(set.map_err(io::Error::from)?)
}

/// Times as the system takes them.
pub(super) fn times(access: NewTimestamp, modification: NewTimestamp) -> Timestamps {
    Timestamps {
        last_access: time(access),
        last_modification: time(modification),
    }
}

fn time(time: NewTimestamp) -> Timespec {
    let (seconds, nanoseconds) = match time {
        NewTimestamp::NoChange => (0, UTIME_OMIT),
        NewTimestamp::Now => (0, UTIME_NOW),
        NewTimestamp::Timestamp(time) => (time.seconds, time.nanoseconds.into()),
    };
    Timespec {
        tv_sec: i64::try_from(seconds).unwrap_or(i64::MAX),
        tv_nsec: nanoseconds,
    }
}
