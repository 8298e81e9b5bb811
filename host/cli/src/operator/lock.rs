//! Keeps other writers from a file until a change of it is done. The file itself would be
//! another one after each change.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// How long another writer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// After which time the user is told.
const QUIET: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(5);

/// Why there is no lock.
#[derive(Debug, thiserror::Error)]
pub(super) enum LockError {
    /// Another program had it all the time.
    #[error("another program holds the lock {}", .0.display())]
    Held(PathBuf),
    #[error("{}: {error}", path.display())]
    Io { path: PathBuf, error: io::Error },
}

impl LockError {
    fn at(path: &Path) -> impl Fn(io::Error) -> Self {
        move |error| Self::Io {
            path: path.to_owned(),
            error,
        }
    }
}

/// A lock that is held until this is dropped: a file beside the one to change, which only this
/// user can open. Others could hold up the lock of what they may read. Where no file can be made,
/// it is the lock of the folder.
pub(super) struct Lock {
    path: Option<PathBuf>,
    _file: File,
}

impl Lock {
    /// Waits for the lock on the file with this path.
    pub(super) fn hold(real: &Path) -> Result<Self, LockError> {
        let begun = Instant::now();
        let mut told = false;
        loop {
            let (path, taken) = Self::take(real)?;
            if let Some(lock) = taken {
                return Ok(lock);
            }
            if begun.elapsed() > PATIENCE {
                return Err(LockError::Held(path));
            }
            if begun.elapsed() > QUIET && !told {
                told = true;
                tracing::warn!("waiting for the lock {}", path.display());
            }
            thread::sleep(TICK);
        }
    }

    /// Takes it, unless another program has it. Returns its path, too.
    fn take(real: &Path) -> Result<(PathBuf, Option<Self>), LockError> {
        let folder = real.parent().unwrap_or(Path::new("/"));
        let mut name = std::ffi::OsString::from(".");
        name.push(real.file_name().unwrap_or_default());
        name.push(".lock");
        let path = folder.join(name);
        let opened = OpenOptions::new()
            .write(true)
            .create(true)
            .mode(0o600)
            .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
            .open(&path);
        let (file, path, made) = match opened {
            Ok(file) => (file, path, true),
            // Another user's, who is changing the file.
            Err(_) if path.symlink_metadata().is_ok() => return Ok((path, None)),
            Err(error) if is_of_folder(&error) => {
                let folder_file = File::open(folder).map_err(LockError::at(folder))?;
                (folder_file, folder.to_owned(), false)
            }
            Err(error) => return Err(LockError::at(&path)(error)),
        };
        match file.try_lock() {
            Ok(()) => {}
            // There are no locks on this file system.
            Err(TryLockError::Error(error)) => {
                tracing::debug!("{} cannot be locked: {error}", path.display());
            }
            Err(TryLockError::WouldBlock) => return Ok((path, None)),
        }
        // Whoever had it before removed it at the end.
        if made && !is_at(&file, &path) {
            return Ok((path, None));
        }
        let lock = Self {
            path: made.then(|| path.clone()),
            _file: file,
        };
        Ok((path, Some(lock)))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // Left behind, it is nobody's lock.
            let _ = fs::remove_file(path);
        }
    }
}

/// Returns whether nothing can be made in a folder.
fn is_of_folder(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
    )
}

/// Returns whether a path still leads to a file.
fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(open), Ok(there)) => (open.dev(), open.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[test]
    fn one_at_a_time_has_it_and_nothing_is_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let real = folder.path().join("boll.toml");
        let inside = AtomicU32::new(0);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let _lock = Lock::hold(&real).expect("the lock");
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        thread::yield_now();
                        assert_eq!(inside.fetch_sub(1, Ordering::SeqCst), 1);
                    }
                });
            }
        });
        assert_eq!(fs::read_dir(folder.path()).expect("it").count(), 0);
    }

    #[test]
    fn who_may_read_the_folder_holds_nobody_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let other = File::open(folder.path()).expect("it");
        other.lock_shared().expect("locked");
        let real = folder.path().join("boll.toml");
        let (path, lock) = Lock::take(&real).expect("no error");
        assert!(lock.is_some());
        assert_eq!(fs::metadata(&path).expect("it").mode() & 0o777, 0o600);
        assert!(Lock::take(&real).expect("no error").1.is_none());
    }
}
