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

use nix::unistd::{Gid, Uid, setfsgid, setfsuid};
use rustix::fs::{AtFlags, FileType, FlockOperation, Mode, OFlags, Timespec, Timestamps};
use rustix::io::Errno;

use super::arrange::Kind;
use super::survey;
use crate::sandbox::identity::{Identity, identity};

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
        // Whoever owns the folder may put something else at the name at any time: with
        // no more rights than they have, nothing can happen to that.
        let _as_owner = owner.map(AsOwner::begin);
        for _ in 0..TRIES {
            let made = match make(&parent, name.as_ref(), kind) {
                Ok(()) => true,
                Err(Errno::EXIST) => false,
                Err(Errno::ROFS) => return Ok(None),
                // Its processes cannot, either.
                Err(Errno::ACCESS) if owner.is_some() => return Ok(None),
                Err(errno) => return Err(errno),
            };
            let file = match survey::open(&parent, name.as_ref(), flags(kind)) {
                Err(Errno::NOENT) => continue,
                file => file?,
            };
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

/// This thread uses files as another user does, until it is dropped.
struct AsOwner {
    before: (Uid, Gid),
}

impl AsOwner {
    fn begin((uid, gid): (u32, u32)) -> Self {
        // The group first: the user may not change it.
        let group = setfsgid(Gid::from_raw(gid));
        Self {
            before: (setfsuid(Uid::from_raw(uid)), group),
        }
    }
}

impl Drop for AsOwner {
    fn drop(&mut self) {
        let (user, group) = self.before;
        setfsuid(user);
        setfsgid(group);
    }
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use rustix::fs::{CWD, RenameFlags, renameat_with};

    use super::*;

    /// A folder's owner swaps a folder of root's for the name while it is taken.
    #[test]
    fn what_is_swapped_in_for_a_name_stays_its_owners() {
        if !crate::without::root() {
            return;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().canonicalize().expect("a path");
        let secret = path.join("secret");
        fs::create_dir(&secret).expect("a folder");
        fs::write(secret.join("file"), "").expect("a file");
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o700)).expect("closed");
        let owner = (4321, 4321);
        chown(&path, Some(owner.0), Some(owner.1)).expect("root gives it away");
        let workspace = OwnedFd::from(fs::File::open(&path).expect("it is there"));
        let stop = Arc::new(AtomicBool::new(false));
        let swapping = thread::spawn({
            let (stop, name, secret) = (Arc::clone(&stop), path.join(".git"), secret.clone());
            move || {
                while !stop.load(Ordering::Relaxed) {
                    let _ = renameat_with(CWD, &secret, CWD, &name, RenameFlags::EXCHANGE);
                }
            }
        });
        for _ in 0..2000 {
            let kind = Kind::EmptyDirectory;
            // Taken or refused: both are right while it is swapped.
            drop(Placeholder::take(
                &workspace,
                ".git".as_ref(),
                kind,
                Some(owner),
            ));
        }
        stop.store(true, Ordering::Relaxed);
        swapping.join().expect("it ends");
        let owners = [secret, path.join(".git")].map(|path| fs::symlink_metadata(path).ok());
        let owners = owners
            .into_iter()
            .flatten()
            .filter(|one| one.mode() & 0o777 == 0o700);
        assert_eq!(owners.map(|one| one.uid()).collect::<Vec<_>>(), [0]);
    }
}
