//! The workspace on the host: one open directory, and what lies in it.
//!
//! Everything is reached through the descriptor that was opened first, so that
//! whoever swaps the path for a link later changes nothing.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Component, Path, PathBuf};

use rustix::fs::{CWD, FileType, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use super::plan::{GitPin, WORKSPACE};

/// The directory that processes see as `/workspace`.
#[derive(Debug)]
pub(super) struct Workspace {
    directory: OwnedFd,
    path: PathBuf,
    uid: u32,
    gid: u32,
}

/// What is wrong with a workspace.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// It is missing, or no directory, or may not be read.
    #[error("cannot open the workspace {path}")]
    Open {
        /// As it was set.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A part of `.git` that has to stay as it is cannot be pinned.
    #[error(
        "cannot keep `{what}` of the workspace from being replaced ({source}); a symbolic link \
         there has to become a file or directory before processes may write the workspace"
    )]
    Pin {
        /// Its path in the workspace.
        what: &'static str,
        /// Why.
        source: io::Error,
    },
}

/// Why a process cannot start in a directory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DirectoryError {
    #[error("`{0}` is outside of the workspace")]
    Outside(String),
    #[error("there is no directory `{0}` in the workspace")]
    Missing(String),
    #[error("`{0}` is not a directory")]
    NotADirectory(String),
    #[error("cannot open `{path}` in the workspace: {error}")]
    Open { path: String, error: Errno },
}

/// The open parts of `.git` that a writable workspace pins.
#[derive(Debug, Default)]
pub(super) struct GitFiles {
    pub(super) git: Option<OwnedFd>,
    pub(super) hooks: Option<OwnedFd>,
    pub(super) config: Option<OwnedFd>,
}

/// The device and the number of a file, which no other file has while that one
/// is open.
pub(super) type Identity = (u64, u64);

impl GitFiles {
    /// Which files are pinned.
    pub(super) fn identities(&self) -> io::Result<[Option<Identity>; 3]> {
        let mut identities = [None; 3];
        let files = [&self.git, &self.hooks, &self.config];
        for (identity, file) in identities.iter_mut().zip(files) {
            if let Some(file) = file {
                let stat = rustix::fs::fstat(file)?;
                *identity = Some((stat.st_dev, stat.st_ino));
            }
        }
        Ok(identities)
    }
}

impl Workspace {
    pub(super) fn open(path: &Path) -> Result<Self, WorkspaceError> {
        let failed = |source: io::Error| WorkspaceError::Open {
            path: path.into(),
            source,
        };
        // Links on the way are resolved once, here; from then on none is followed.
        let real = path.canonicalize().map_err(failed)?;
        let directory = rustix::fs::openat2(
            CWD,
            &real,
            OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
            Mode::empty(),
            ResolveFlags::NO_SYMLINKS,
        )
        .map_err(|errno| failed(errno.into()))?;
        let stat = rustix::fs::fstat(&directory).map_err(|errno| failed(errno.into()))?;
        Ok(Self {
            directory,
            path: real,
            uid: stat.st_uid,
            gid: stat.st_gid,
        })
    }

    pub(super) fn directory(&self) -> BorrowedFd<'_> {
        self.directory.as_fd()
    }

    /// The path on the host, without links.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The user and the group that own it.
    pub(super) fn owner(&self) -> (u32, u32) {
        (self.uid, self.gid)
    }

    /// The path of a working directory that exists, where the workspace is `inside`.
    pub(super) fn working_directory(
        &self,
        cwd: Option<&str>,
        inside: &str,
    ) -> Result<String, DirectoryError> {
        let Some(cwd) = cwd else {
            return Ok(inside.into());
        };
        let relative = relative(cwd).ok_or_else(|| DirectoryError::Outside(cwd.into()))?;
        if relative.as_os_str().is_empty() {
            return Ok(inside.into());
        }
        match self.open_beneath(&relative, OFlags::DIRECTORY) {
            Ok(_) => Ok(format!("{inside}/{}", relative.display())),
            Err(Errno::XDEV | Errno::LOOP) => Err(DirectoryError::Outside(cwd.into())),
            Err(Errno::NOENT) => Err(DirectoryError::Missing(cwd.into())),
            Err(Errno::NOTDIR) => Err(DirectoryError::NotADirectory(cwd.into())),
            Err(error) => Err(DirectoryError::Open {
                path: cwd.into(),
                error,
            }),
        }
    }

    fn open_beneath(&self, path: &Path, flags: OFlags) -> rustix::io::Result<OwnedFd> {
        loop {
            let opened = rustix::fs::openat2(
                &self.directory,
                path,
                OFlags::PATH | OFlags::CLOEXEC | flags,
                Mode::empty(),
                ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS,
            );
            // The kernel gives up when something on the way was renamed meanwhile.
            if !matches!(opened, Err(Errno::AGAIN | Errno::INTR)) {
                return opened;
            }
        }
    }

    /// Opens what a writable sandbox pins. A link cannot be pinned: whoever may
    /// write the directory that it lies in can put something else in its place.
    pub(super) fn git(&self) -> Result<(GitPin, GitFiles), WorkspaceError> {
        let mut files = GitFiles::default();
        let Some((git, kind)) = open_plain(&self.directory, ".git", ".git")? else {
            return Ok((GitPin::Nothing, files));
        };
        if kind != FileType::Directory {
            files.git = Some(git);
            return Ok((GitPin::File, files));
        }
        files.hooks = open_plain(&git, "hooks", ".git/hooks")?.map(|(file, _)| file);
        files.config = open_plain(&git, "config", ".git/config")?.map(|(file, _)| file);
        files.git = Some(git);
        let pin = GitPin::Directory {
            hooks: files.hooks.is_some(),
            config: files.config.is_some(),
        };
        Ok((pin, files))
    }
}

/// Opens a directory entry that is not a link, if there is one.
fn open_plain(
    directory: &OwnedFd,
    name: &str,
    what: &'static str,
) -> Result<Option<(OwnedFd, FileType)>, WorkspaceError> {
    let failed = |errno: Errno| WorkspaceError::Pin {
        what,
        source: errno.into(),
    };
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let strict = ResolveFlags::NO_SYMLINKS | ResolveFlags::BENEATH;
    match rustix::fs::openat2(directory, name, flags, Mode::empty(), strict) {
        Ok(file) => {
            let stat = rustix::fs::fstat(&file).map_err(failed)?;
            Ok(Some((file, FileType::from_raw_mode(stat.st_mode))))
        }
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(failed(errno)),
    }
}

/// The path below the workspace that a capsule means; `None` when it is not below.
fn relative(cwd: &str) -> Option<PathBuf> {
    let path = Path::new(cwd);
    let path = if path.is_absolute() {
        path.strip_prefix(WORKSPACE).ok()?
    } else {
        path
    };
    let mut relative = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            // `..` stays in the path: what it means behind a link only the
            // kernel can say, and it refuses one that leads out.
            Component::Normal(_) | Component::ParentDir => relative.push(component),
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(relative)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_path_stays_as_it_is() {
        assert_eq!(relative("a/./b"), Some("a/b".into()));
        assert_eq!(relative("."), Some("".into()));
        assert_eq!(relative("../x"), Some("../x".into()));
    }

    #[test]
    fn an_absolute_path_must_name_the_workspace() {
        assert_eq!(relative("/workspace/a"), Some("a".into()));
        assert_eq!(relative("/workspace"), Some("".into()));
        assert_eq!(relative("/workspaces"), None);
        assert_eq!(relative("/etc"), None);
    }
}
