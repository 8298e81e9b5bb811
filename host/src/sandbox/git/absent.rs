//! Keeps a name in the workspace from being taken: something empty is put there
//! for as long as a sandbox needs it, which mounts over it.
//!
//! A mount needs something to lie over, and a process cannot reach what its
//! mount hides. Several hosts may need the same name; each holds a shared lock
//! on what is there, and who is the last removes it. What a killed host leaves
//! is empty, which git passes over, and the next host removes it.
//!
//! Nothing is removed that the host's user has put there, even where it is as
//! empty: what is made here is known by its identity, and to other hosts by a time
//! of last change that nothing else has.

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::fs::{AtFlags, FileType, FlockOperation, Gid, Mode, OFlags, Timespec, Timestamps, Uid};
use rustix::io::Errno;

use super::arrange::Kind;
use super::survey;
use crate::sandbox::workspace::{Identity, identity};

/// When what is made here says that it was changed last: in 2001, in the first
/// second that is written with ten digits. Whatever is done to it changes that.
const MARK: i64 = 1_000_000_000;

/// How often it is tried again while others remove what is there.
const TRIES: u32 = 50;

/// A name that is taken. Dropping it gives the name back, unless others hold it.
#[derive(Debug)]
pub(crate) struct Placeholder {
    parent: OwnedFd,
    name: OsString,
    file: OwnedFd,
    identity: Identity,
    kind: Kind,
    /// Whether it was made for this one.
    made: bool,
    /// Whether it is removed only by the last that needs it.
    locked: bool,
}

impl Placeholder {
    /// Takes a name in the workspace. `None`: nobody can make anything there.
    pub(super) fn take(
        workspace: &OwnedFd,
        path: &Path,
        kind: Kind,
        owner: Option<(u32, u32)>,
    ) -> rustix::io::Result<Option<Self>> {
        let parent = path.parent().unwrap_or(Path::new(""));
        let name = path.file_name().ok_or(Errno::INVAL)?;
        let parent = survey::open(workspace, parent, OFlags::PATH | OFlags::DIRECTORY)?;
        for _ in 0..TRIES {
            let made = match make(&parent, name.as_ref(), kind) {
                Ok(()) => true,
                Err(Errno::EXIST) => false,
                Err(Errno::ROFS) => return Ok(None),
                Err(errno) => return Err(errno),
            };
            let file = match survey::open(&parent, name.as_ref(), flags(kind)) {
                Err(Errno::NOENT) => continue,
                file => file?,
            };
            if let (true, Some((uid, gid))) = (made, owner) {
                let (uid, gid) = (Uid::from_raw(uid), Gid::from_raw(gid));
                rustix::fs::fchown(&file, Some(uid), Some(gid))?;
            }
            if made {
                // Without a mark, nobody else removes it.
                let _ = mark(&file);
            }
            let locked = match rustix::fs::flock(&file, FlockOperation::NonBlockingLockShared) {
                Ok(()) => true,
                Err(Errno::WOULDBLOCK) => {
                    thread::sleep(Duration::from_millis(1));
                    continue;
                }
                // The file system has no locks: it stays for good.
                Err(_) => false,
            };
            let placeholder = Self {
                identity: identity(&file)?,
                name: name.into(),
                parent: parent.try_clone().map_err(|_| Errno::MFILE)?,
                file,
                kind,
                made,
                locked,
            };
            // Whoever removed it meanwhile had no reason to wait for the lock.
            if placeholder.is_there() {
                return Ok(Some(placeholder));
            }
        }
        Err(Errno::BUSY)
    }

    /// Keeps what is there as it is. It may be what another sandbox has put there:
    /// then it stays for this one too, and the last that needs it removes it.
    /// `None`: it has no lock, and so is nobody's placeholder.
    pub(super) fn keep(
        workspace: &OwnedFd,
        path: &Path,
        file: &OwnedFd,
    ) -> rustix::io::Result<Option<Self>> {
        let parent = path.parent().unwrap_or(Path::new(""));
        let name = path.file_name().ok_or(Errno::INVAL)?;
        let parent = survey::open(workspace, parent, OFlags::PATH | OFlags::DIRECTORY)?;
        let directory = rustix::fs::fstat(file)
            .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode).is_dir());
        if let Err(errno) = rustix::fs::flock(file, FlockOperation::NonBlockingLockShared) {
            return match errno {
                // It is about to be removed, and has to be looked for again.
                Errno::WOULDBLOCK => Err(Errno::STALE),
                _ => Ok(None),
            };
        }
        let kept = Self {
            identity: identity(file)?,
            name: name.into(),
            parent,
            file: file.try_clone().map_err(|_| Errno::MFILE)?,
            kind: match directory {
                true => Kind::EmptyDirectory,
                false => Kind::EmptyFile,
            },
            made: false,
            locked: true,
        };
        if kept.is_there() {
            Ok(Some(kept))
        } else {
            Err(Errno::STALE)
        }
    }

    pub(super) fn identity(&self) -> Identity {
        self.identity
    }

    fn is_there(&self) -> bool {
        let stat = rustix::fs::statat(&self.parent, &self.name, AtFlags::SYMLINK_NOFOLLOW);
        stat.is_ok_and(|stat| (stat.st_dev, stat.st_ino) == self.identity)
    }

    fn is_empty(&self) -> bool {
        // Of a directory the kernel sees to it.
        self.kind != Kind::EmptyFile
            || rustix::fs::fstat(&self.file).is_ok_and(|stat| stat.st_size == 0)
    }
}

/// Held while one gives its name back: two at once would each take the other for
/// somebody who still needs it.
static GIVING_BACK: Mutex<()> = Mutex::new(());

impl Drop for Placeholder {
    fn drop(&mut self) {
        let _one_at_a_time = GIVING_BACK.lock().unwrap_or_else(PoisonError::into_inner);
        // Anything else is the user's own.
        let ours = self.made || is_marked(&self.file);
        let last = self.locked
            && ours
            && rustix::fs::flock(&self.file, FlockOperation::NonBlockingLockExclusive).is_ok();
        if last && self.is_there() && self.is_empty() {
            let flags = match self.kind {
                Kind::EmptyFile => AtFlags::empty(),
                _ => AtFlags::REMOVEDIR,
            };
            // Something was put into it: it is no placeholder any more.
            let _ = rustix::fs::unlinkat(&self.parent, &self.name, flags);
        }
        let _ = rustix::fs::flock(&self.file, FlockOperation::NonBlockingUnlock);
    }
}

fn mark(file: &OwnedFd) -> rustix::io::Result<()> {
    let time = Timespec {
        tv_sec: MARK,
        tv_nsec: 0,
    };
    let times = Timestamps {
        last_access: time,
        last_modification: time,
    };
    rustix::fs::futimens(file, &times)
}

/// Whether it was made by a host, and nobody has changed it since.
fn is_marked(file: &OwnedFd) -> bool {
    let time = |stat: &rustix::fs::Stat| (stat.st_mtime, stat.st_mtime_nsec as i64);
    rustix::fs::fstat(file).is_ok_and(|stat| time(&stat) == (MARK, 0))
}

fn make(parent: &OwnedFd, name: &Path, kind: Kind) -> rustix::io::Result<()> {
    if kind == Kind::EmptyFile {
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
        return rustix::fs::openat(parent, name, flags, Mode::from_raw_mode(0o644)).map(drop);
    }
    rustix::fs::mkdirat(parent, name, Mode::from_raw_mode(0o755))
}

fn flags(kind: Kind) -> OFlags {
    match kind {
        Kind::EmptyFile => OFlags::RDONLY | OFlags::NONBLOCK,
        _ => OFlags::RDONLY | OFlags::DIRECTORY,
    }
}
