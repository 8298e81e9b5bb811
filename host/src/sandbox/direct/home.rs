//! The home and the temporary directory of a process.
//!
//! A sandbox with namespaces brings its own, which end with it. Elsewhere the
//! host makes a directory for each process, beneath one of its own, and removes
//! it afterwards; what a host left that was killed, the next one removes.

mod remove;

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::process::geteuid;
use uuid::Uuid;

use crate::sandbox::cgroup::Groups;
use crate::sandbox::held::Held;
use crate::sandbox::own::Own;

/// Where the directories are. Not what the host's environment says: it is the
/// operator's, and may lead where processes must not be.
const PLACE: &str = "/tmp";
/// What the directory of a host is called, and a random id.
const PREFIX: &str = "boll-home-";
/// The same until it is locked.
const UNLOCKED_PREFIX: &str = "boll-new-";

/// Makes directories for processes, and removes them.
#[derive(Debug)]
pub(super) struct Homes {
    base: Arc<Base>,
    next: AtomicU64,
    remover: mpsc::Sender<Used>,
}

/// The host's directory. It is locked as long as the host lives.
#[derive(Debug)]
struct Base {
    path: PathBuf,
    _lock: OwnedFd,
}

/// The directory of one process. It is removed when this is dropped.
#[derive(Debug)]
pub(super) struct Home {
    path: PathBuf,
    base: Arc<Base>,
    remover: mpsc::Sender<Used>,
    /// Given back when the directory is gone.
    held: Option<Held>,
}

/// A directory that nobody uses any more.
struct Used {
    path: PathBuf,
    _base: Arc<Base>,
    _held: Option<Held>,
}

impl Homes {
    /// Makes the host's directory, and removes those of hosts that are gone.
    pub(super) fn open() -> io::Result<Self> {
        Self::open_in(Path::new(PLACE))
    }

    fn open_in(place: &Path) -> io::Result<Self> {
        remove_orphans(place)?;
        let base = Arc::new(Base::make(place)?);
        let (remover, used) = mpsc::channel();
        // Of its own: what is to be removed may be large, and those who let go of
        // it may not wait.
        thread::Builder::new()
            .name("boll-homes".into())
            .spawn(move || remove_all(&used))?;
        Ok(Self {
            base,
            next: AtomicU64::new(0),
            remover,
        })
    }

    /// A directory for a process of this user and group, which is the host's own
    /// when there is none.
    pub(super) fn make(&self, owner: Option<(u32, u32)>) -> io::Result<Home> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let home = Home {
            path: self.base.path.join(number.to_string()),
            base: Arc::clone(&self.base),
            remover: self.remover.clone(),
            held: None,
        };
        for path in [home.path.clone(), home.home(), home.temporary()] {
            DirBuilder::new().mode(0o700).create(&path)?;
            if let Some((uid, gid)) = owner {
                chown(&path, Some(uid), Some(gid))?;
            }
        }
        Ok(home)
    }
}

impl Base {
    fn make(place: &Path) -> io::Result<Self> {
        let id = Uuid::new_v4().simple();
        let unlocked = place.join(format!("{UNLOCKED_PREFIX}{id}"));
        DirBuilder::new().mode(0o700).create(&unlocked)?;
        // Processes of another user pass through it, and see nothing of it.
        fs::set_permissions(&unlocked, Permissions::from_mode(0o711))?;
        let lock = lock(&unlocked)?;
        // Whoever looks for what is left finds it only once it is locked.
        let path = place.join(format!("{PREFIX}{id}"));
        fs::rename(&unlocked, &path)?;
        Ok(Self { path, _lock: lock })
    }
}

impl Drop for Base {
    fn drop(&mut self) {
        // One that is not empty is for the next host.
        let _ = fs::remove_dir(&self.path);
    }
}

impl Home {
    /// All that belongs to the process.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn home(&self) -> PathBuf {
        self.path.join("home")
    }

    pub(super) fn temporary(&self) -> PathBuf {
        self.path.join("tmp")
    }

    /// Holds something until the directory is gone.
    fn hold(&mut self, held: Held) {
        self.held = Some(held);
    }
}

impl Own for Home {
    fn into_held(mut self, groups: Option<Arc<Groups>>, held: Held) -> Held {
        self.hold(Box::new((groups, held)));
        Box::new(self)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // The remover is there as long as anybody can send.
        let _ = self.remover.send(Used {
            path: std::mem::take(&mut self.path),
            _base: Arc::clone(&self.base),
            _held: self.held.take(),
        });
    }
}

fn remove_all(used: &mpsc::Receiver<Used>) {
    for used in used {
        remove_or_tell(&used.path);
    }
}

fn remove_or_tell(path: &Path) {
    match remove::remove(path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => tracing::warn!(
            "cannot remove the directory of a process, {}: {error}",
            path.display()
        ),
    }
}

/// Removes the directories of this user's hosts that no longer live.
fn remove_orphans(place: &Path) -> io::Result<()> {
    for entry in fs::read_dir(place)? {
        let entry = entry?;
        let named = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if !named {
            continue;
        }
        let mine = entry
            .metadata()
            .is_ok_and(|metadata| metadata.is_dir() && metadata.uid() == geteuid().as_raw());
        if mine && lock(&entry.path()).is_ok() {
            remove_or_tell(&entry.path());
        }
    }
    Ok(())
}

/// Locks a directory for as long as the descriptor is open.
fn lock(path: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let directory = rustix::fs::open(path, flags, Mode::empty())?;
    rustix::fs::flock(&directory, FlockOperation::NonBlockingLockExclusive)?;
    Ok(directory)
}

#[cfg(test)]
mod tests;
