//! The folder of the logs and those below it, by descriptor: no link is followed
//! that somebody put there.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;
use rustix::process::geteuid;

use super::losses::SAY_EVERY;

/// The folder of the logs. It is found again by its path when it is gone.
pub(super) struct Root {
    path: PathBuf,
    folder: Option<Folder>,
    said: Option<Instant>,
}

/// An open folder.
pub(super) struct Folder(OwnedFd);

/// Why a file or a folder cannot be used. The names are relative to the folder
/// of the logs.
#[derive(Debug, thiserror::Error)]
pub(super) enum FolderError {
    #[error("the folder cannot be made")]
    MakeRoot(#[source] io::Error),
    #[error("the folder cannot be opened")]
    OpenRoot(#[source] io::Error),
    #[error("`{0}` cannot be made")]
    Make(String, #[source] io::Error),
    #[error("`{0}` cannot be opened")]
    Open(String, #[source] io::Error),
    #[error("`{0}` cannot be listed")]
    List(String, #[source] io::Error),
    #[error("`{0}` cannot be written")]
    Write(String, #[source] io::Error),
    #[error("there is no number for a file after `{0}`")]
    Numbers(String),
    #[error("`{0}` is no regular file")]
    Irregular(String),
    #[error("`{0}` belongs to another user")]
    Foreign(String),
    #[error("`{0}` can be written by others")]
    Shared(String),
}

impl Root {
    pub(super) fn open(path: &Path) -> Result<Self, FolderError> {
        Ok(Self {
            path: path.to_owned(),
            folder: Some(Folder::make_root(path)?),
            said: None,
        })
    }

    /// Returns the folder, made again if it was removed.
    pub(super) fn folder(&mut self) -> Result<&Folder, FolderError> {
        let there = self.folder.take().filter(|folder| !folder.is_removed());
        let folder = match there {
            Some(folder) => folder,
            None => {
                let folder = Folder::make_root(&self.path)?;
                if self.said.is_none_or(|said| said.elapsed() >= SAY_EVERY) {
                    self.said = Some(Instant::now());
                    let path = self.path.display();
                    tracing::warn!("the folder of the logs was gone, and is made again: {path}");
                }
                folder
            }
        };
        Ok(self.folder.insert(folder))
    }

    /// Whether the path means another folder by now, or none; the next use finds
    /// out which.
    pub(super) fn was_replaced(&mut self) -> bool {
        let Some(folder) = &self.folder else {
            return false;
        };
        let same = match (rustix::fs::fstat(&folder.0), rustix::fs::stat(&self.path)) {
            (Ok(open), Ok(found)) => (found.st_dev, found.st_ino) == (open.st_dev, open.st_ino),
            (_, Err(Errno::NOENT | Errno::NOTDIR)) => false,
            // Nothing shows that it is another: what is open still serves.
            _ => true,
        };
        if !same {
            self.folder = None;
        }
        !same
    }
}

const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::CLOEXEC);

impl Folder {
    fn make_root(path: &Path) -> Result<Self, FolderError> {
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700);
        builder.create(path).map_err(FolderError::MakeRoot)?;
        Self::root(path)
    }

    /// The folder of the logs, as it is.
    pub(super) fn root(path: &Path) -> Result<Self, FolderError> {
        let folder = rustix::fs::openat(CWD, path, FOLDER, Mode::empty())
            .map_err(|errno| FolderError::OpenRoot(errno.into()))?;
        let stat =
            rustix::fs::fstat(&folder).map_err(|errno| FolderError::OpenRoot(errno.into()))?;
        mine(&stat, &path.display().to_string())?;
        Ok(Self(folder))
    }

    /// The folder of this name, made if it is not there.
    pub(super) fn make(&self, name: &str) -> Result<Self, FolderError> {
        match rustix::fs::mkdirat(&self.0, name, Mode::RWXU) {
            Ok(()) | Err(Errno::EXIST) => self.folder(name),
            Err(errno) => Err(FolderError::Make(name.to_owned(), errno.into())),
        }
    }

    /// The folder of this name.
    pub(super) fn folder(&self, name: &str) -> Result<Self, FolderError> {
        let failed = |errno: Errno| FolderError::Open(name.to_owned(), errno.into());
        let flags = FOLDER | OFlags::NOFOLLOW;
        let folder = rustix::fs::openat(&self.0, name, flags, Mode::empty()).map_err(failed)?;
        mine(&rustix::fs::fstat(&folder).map_err(failed)?, name)?;
        Ok(Self(folder))
    }

    /// A regular file to append to, made if it is not there.
    pub(super) fn append_to(&self, name: &str) -> Result<File, FolderError> {
        let failed = |errno: Errno| FolderError::Open(name.to_owned(), errno.into());
        // Not blocking: what was put there may be a pipe that nobody reads.
        let flags = OFlags::RDWR
            | OFlags::APPEND
            | OFlags::CREATE
            | OFlags::NOFOLLOW
            | OFlags::NONBLOCK
            | OFlags::NOCTTY
            | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR;
        let file = rustix::fs::openat(&self.0, name, flags, mode).map_err(failed)?;
        let stat = rustix::fs::fstat(&file).map_err(failed)?;
        if !is_file(&stat) {
            return Err(FolderError::Irregular(name.to_owned()));
        }
        mine(&stat, name)?;
        Ok(File::from(file))
    }

    /// The names of what is in it; those that are no UTF-8 are not of this
    /// project and are left out.
    pub(super) fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.0)? {
            if let Ok(name) = entry?.file_name().to_str()
                && !matches!(name, "." | "..")
            {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }

    /// The size of a regular file of this user's; `None` for anything else.
    pub(super) fn file_size(&self, name: &str) -> Option<u64> {
        let stat = rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        let own = is_file(&stat) && stat.st_uid == geteuid().as_raw();
        own.then(|| u64::try_from(stat.st_size).unwrap_or_default())
    }

    pub(super) fn remove_file(&self, name: &str) -> io::Result<()> {
        Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::empty())?)
    }

    /// Removes a folder if it is empty, and returns whether it was.
    pub(super) fn remove_empty(&self, name: &str) -> bool {
        rustix::fs::unlinkat(&self.0, name, AtFlags::REMOVEDIR).is_ok()
    }

    fn is_removed(&self) -> bool {
        rustix::fs::fstat(&self.0).is_ok_and(|stat| stat.st_nlink == 0)
    }
}

fn is_file(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode).is_file()
}

/// Refuses what somebody else could have put there, or could change.
fn mine(stat: &Stat, name: &str) -> Result<(), FolderError> {
    if stat.st_uid != geteuid().as_raw() {
        return Err(FolderError::Foreign(name.to_owned()));
    }
    if stat.st_mode & 0o022 != 0 {
        return Err(FolderError::Shared(name.to_owned()));
    }
    Ok(())
}
