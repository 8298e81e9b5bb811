//! Opening files and folders so that nothing blocks: what a path leads to is held
//! first, without opening it, then judged, and then exactly that is opened. FIFOs,
//! devices and sockets are refused; opening one can wait for ever, or do something.

use std::fs::File;
use std::io;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags};
use wasmtime_wasi::filesystem::{Descriptor, Dir, File as WasiFile};
use wasmtime_wasi::p2::FsResult;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    DescriptorFlags, ErrorCode, OpenFlags, PathFlags,
};
use wasmtime_wasi::{FsPerms, OpenMode};

use super::path_target::{PathTarget, find, held, keep_from_git};
use crate::capsule::is_remote;

/// What a guest asks to be opened.
pub(super) struct Opening {
    pub(super) path: String,
    pub(super) follow: PathFlags,
    pub(super) how: OpenFlags,
    pub(super) flags: DescriptorFlags,
}

/// What was opened.
pub(super) struct Opened {
    pub(super) descriptor: Descriptor,
    /// Whether closing it may wait for somebody else, as on a network.
    pub(super) is_remote: bool,
}

impl Opening {
    fn creates(&self) -> bool {
        self.how.contains(OpenFlags::CREATE)
    }

    fn truncates(&self) -> bool {
        self.how.contains(OpenFlags::TRUNCATE)
    }

    fn writes(&self) -> bool {
        self.creates() || self.truncates() || self.flags.contains(DescriptorFlags::WRITE)
    }

    fn reads(&self) -> bool {
        !self.flags.contains(DescriptorFlags::WRITE) || self.flags.contains(DescriptorFlags::READ)
    }

    fn follows(&self) -> bool {
        self.follow.contains(PathFlags::SYMLINK_FOLLOW) && !self.is_exclusive()
    }

    fn is_exclusive(&self) -> bool {
        self.creates() && self.how.contains(OpenFlags::EXCLUSIVE)
    }

    fn mode(&self) -> OpenMode {
        let mut mode = OpenMode::empty();
        mode.set(OpenMode::READ, self.reads());
        mode.set(OpenMode::WRITE, self.writes());
        mode
    }

    /// The system's flags. A file stays one that is not waited for: those of the
    /// kernel's own file systems may have nothing to read.
    fn access(&self) -> OFlags {
        let access = match (self.reads(), self.writes()) {
            (true, true) => OFlags::RDWR,
            (false, true) => OFlags::WRONLY,
            (_, false) => OFlags::RDONLY,
        };
        access | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC
    }

    fn check(&self, perms: FsPerms) -> Result<(), ErrorCode> {
        let sync = DescriptorFlags::FILE_INTEGRITY_SYNC
            | DescriptorFlags::DATA_INTEGRITY_SYNC
            | DescriptorFlags::REQUESTED_WRITE_SYNC;
        if self.flags.intersects(sync) {
            return Err(ErrorCode::Unsupported);
        }
        let makes = OpenFlags::CREATE | OpenFlags::EXCLUSIVE | OpenFlags::TRUNCATE;
        if self.how.contains(OpenFlags::DIRECTORY) && self.how.intersects(makes) {
            return Err(ErrorCode::Invalid);
        }
        if perms.write_not_permitted() && self.writes() {
            return Err(ErrorCode::NotPermitted);
        }
        Ok(())
    }
}

/// Opens something in a folder; `root` is the folder that the capsule was given,
/// where it may write.
pub(super) fn open(dir: &Dir, root: Option<&File>, opening: &Opening) -> FsResult<Opened> {
    opening.check(dir.perms)?;
    match find(&dir.dir, &opening.path, opening.follows()) {
        Ok(_) if opening.is_exclusive() => Err(ErrorCode::Exist.into()),
        Ok(found) => existing(dir, root, opening, found),
        Err(error) if error.kind() == io::ErrorKind::NotFound && opening.creates() => {
            create(dir, root, opening)
        }
        Err(error) => Err(error.into()),
    }
}

/// Opens what is there.
fn existing(
    dir: &Dir,
    root: Option<&File>,
    opening: &Opening,
    found: rustix::fd::OwnedFd,
) -> FsResult<Opened> {
    let stat = rustix::fs::fstat(&found).map_err(io::Error::from)?;
    let directory = match FileType::from_raw_mode(stat.st_mode) {
        FileType::Directory => true,
        FileType::RegularFile if opening.how.contains(OpenFlags::DIRECTORY) => {
            return Err(ErrorCode::NotDirectory.into());
        }
        FileType::RegularFile => false,
        FileType::Symlink => return Err(ErrorCode::Loop.into()),
        _ => return Err(ErrorCode::NotPermitted.into()),
    };
    if directory && opening.writes() {
        return Err(ErrorCode::IsDirectory.into());
    }
    if opening.writes() {
        let root = root.ok_or(ErrorCode::NotPermitted)?;
        keep_from_git(root, &found)?;
    }
    let mut flags = opening.access();
    flags.set(OFlags::DIRECTORY, directory);
    flags.set(OFlags::TRUNC, opening.truncates());
    let opened = rustix::fs::openat(CWD, held(&found), flags, Mode::empty());
    finish(
        dir,
        opening,
        File::from(opened.map_err(io::Error::from)?),
        directory,
    )
}

/// Makes a file where there was nothing.
fn create(dir: &Dir, root: Option<&File>, opening: &Opening) -> FsResult<Opened> {
    let root = root.ok_or(ErrorCode::NotPermitted)?;
    if opening.path.ends_with('/') {
        return Err(ErrorCode::IsDirectory.into());
    }
    let place = PathTarget::apart_from_git(root, &dir.dir, &opening.path)?;
    let flags = opening.access() | OFlags::CREATE | OFlags::EXCL;
    let made = place.make(
        |place| rustix::fs::openat(&place.folder, place.name, flags, Mode::from(0o666)),
        |place| rustix::fs::unlinkat(&place.folder, place.name, AtFlags::empty()),
    );
    match made {
        Ok(made) => finish(dir, opening, File::from(made), false),
        // Made by somebody else meanwhile, or a link that leads nowhere.
        Err(error)
            if matches!(error.downcast_ref(), Some(ErrorCode::Exist))
                && !opening.is_exclusive() =>
        {
            let found = find(&dir.dir, &opening.path, opening.follows())?;
            existing(dir, Some(root), opening, found)
        }
        Err(error) => Err(error),
    }
}

fn finish(dir: &Dir, opening: &Opening, file: File, directory: bool) -> FsResult<Opened> {
    let is_remote = is_remote(&file).map_err(io::Error::from)?;
    let (perms, mode) = (dir.perms, opening.mode());
    // Whoever uses it is on a thread that may wait.
    let descriptor = if directory {
        Descriptor::Dir(Dir::new(file, perms, mode, true))
    } else {
        Descriptor::File(WasiFile::new(file, perms, mode, true))
    };
    Ok(Opened {
        descriptor,
        is_remote,
    })
}
