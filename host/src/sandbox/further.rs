//! The further paths of the settings, as they were when the sandbox was opened.
//!
//! Whoever builds a sandbox follows such a path again, and a process that may
//! write a directory on the way could have put a link there meanwhile. So links
//! are resolved once, here; each command is started only if what its sandbox shows
//! is what lies at the path without links.

use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};

use super::identity::{self, Identity};

/// Where the further paths lead.
#[derive(Debug)]
pub(super) struct Further(Vec<Resolved>);

#[derive(Debug)]
struct Resolved {
    /// As it was set.
    path: PathBuf,
    /// Without links.
    real: PathBuf,
}

/// A further path, and what has to be there for a command to start.
#[derive(Debug, Clone, Copy)]
pub(super) struct FurtherPath<'a> {
    pub(super) path: &'a Path,
    pub(super) identity: Identity,
}

impl Further {
    pub(super) fn find(paths: &[PathBuf]) -> Self {
        let resolved = paths.iter().map(|path| Resolved {
            path: path.clone(),
            // One that is missing may be there later, under this very path.
            real: path.canonicalize().unwrap_or_else(|_| path.clone()),
        });
        Self(resolved.collect())
    }

    /// What is at each now. Where nothing is, or a link is on the way, what no file
    /// has: then no command starts that would be shown something there.
    pub(super) fn now(&self) -> Vec<FurtherPath<'_>> {
        const OF_NO_FILE: Identity = (0, 0);
        let paths = self.0.iter().map(|Resolved { path, real }| FurtherPath {
            path,
            identity: identity(real).unwrap_or(OF_NO_FILE),
        });
        paths.collect()
    }

    /// Each path with what is there, opened only to refer to it, for whoever builds a
    /// sandbox and may not go the way to it.
    pub(super) fn opened(&self) -> Vec<(&Path, io::Result<OwnedFd>)> {
        let paths = self.0.iter();
        let paths =
            paths.map(|further| (&*further.path, open(&further.real).map_err(io::Error::from)));
        paths.collect()
    }
}

fn identity(path: &Path) -> rustix::io::Result<Identity> {
    identity::identity(&open(path)?)
}

fn open(path: &Path) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let strict = ResolveFlags::NO_SYMLINKS;
    rustix::fs::openat2(CWD, path, flags, Mode::empty(), strict)
}
