//! What was found of the names, and whether it is still as it was.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::sandbox::identity::Identity;

/// The largest file that is copied, in bytes.
pub(in crate::sandbox) const COPIED_MAX: u64 = 256 << 10;

/// The host's files whose contents are taken over into others, where there is a network.
pub(super) const TAKEN: [&str; 2] = ["/etc/hosts", "/etc/nsswitch.conf"];

/// The machine's files as they were found once.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) without_network: Arc<Listing>,
    pub(super) with_network: Arc<Listing>,
    /// What else has to be as it was: where something was looked for.
    pub(super) watched: BTreeMap<PathBuf, Option<Stamp>>,
    pub(super) root: PathBuf,
}

/// What a process is shown of the machine's files. Listings are the same that show the same.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::sandbox) struct Listing {
    /// In the order of their paths.
    pub(in crate::sandbox) pieces: Vec<Piece>,
    /// The files and folders that they are of, for a process that sees the host's.
    pub(super) given: Vec<PathBuf>,
    /// What is taken over.
    pub(super) taken: Vec<Option<Stamp>>,
}

/// A file, a folder or a link, by its path in the sandbox and on the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sandbox) struct Piece {
    pub(in crate::sandbox) at: PathBuf,
    pub(in crate::sandbox) what: What,
    stamp: Option<Stamp>,
}

/// How it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sandbox) enum What {
    /// As a link that leads there.
    Link(PathBuf),
    /// As a copy of what is in the file.
    Copy,
    /// As it is.
    Mount,
}

/// Which file something is, and when it was written where that counts: seconds and
/// nanoseconds.
pub(super) type Stamp = (Identity, Option<(i64, i64)>);

impl Found {
    /// Returns whether everything is as it was found.
    pub(super) fn is_current(&self) -> bool {
        let host = |at: &Path| host(&self.root, at);
        // What is shown without the network is shown with it, too.
        let Listing { pieces, taken, .. } = &*self.with_network;
        let mut watched = self.watched.iter();
        watched.all(|(at, was)| stamp(&host(at)) == *was)
            && pieces.iter().all(|it| it.is_as_it_was(&host(&it.at)))
            && (taken.iter().zip(TAKEN)).all(|(was, at)| stamp(&host(Path::new(at))) == *was)
    }
}

impl Piece {
    pub(super) fn new(at: PathBuf, what: What, host: &Path) -> Self {
        let stamp = Self::stamp(&what, host);
        Self { at, what, stamp }
    }

    fn stamp(what: &What, host: &Path) -> Option<Stamp> {
        match what {
            // Where it leads says all, and the folder that it is in when that changes.
            What::Link(_) => None,
            What::Copy => stamp(host),
            // What is mounted is seen as it changes.
            What::Mount => stamp(host).map(|(identity, _)| (identity, None)),
        }
    }

    fn is_as_it_was(&self, host: &Path) -> bool {
        Self::stamp(&self.what, host) == self.stamp
    }
}

pub(super) fn host(root: &Path, at: &Path) -> PathBuf {
    root.join(at.strip_prefix("/").unwrap_or(at))
}

pub(super) fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok()?;
    // The kernel makes up the times of its own files.
    let is_kernels = path.starts_with("/sys");
    // Whoever writes a file can set back when it was modified, but not when it was changed.
    let written = (!is_kernels).then(|| (metadata.ctime(), metadata.ctime_nsec()));
    Some(((metadata.dev(), metadata.ino()), written))
}
