//! Looks which of the names are there, and how each is best shown: a small file as a copy,
//! since a mount takes bubblewrap some twenty times as long.
//!
//! Only what everybody may read is shown, in folders that everybody may enter and nobody
//! but the system may write. What else lies in a folder is left out.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::credentials;
use super::names::{JUDGED, JUDGED_ON_HOST, NETWORK, NODES, PUBLIC, WHOLE};
use super::public::{fits, is_left_over, is_public, is_reached};
use crate::sandbox::identity::Identity;

/// The largest file that is copied, in bytes.
pub(in crate::sandbox) const COPIED_MAX: u64 = 256 << 10;

/// What a folder has at most that is copied and not mounted.
const SMALL: Size = Size {
    files: 8,
    links: 16,
    bytes: 128 << 10,
};
/// What a folder has at most that is copied because not all of it may be shown.
const LARGE: Size = Size {
    files: 256,
    links: 1024,
    bytes: 4 << 20,
};
/// The deepest folder that is looked into.
const DEEPEST: usize = 8;
/// The most that is looked at in one folder and those below.
const ENTRIES_MAX: usize = 4096;

/// The host's files whose contents are taken over into others, where there is a network.
const TAKEN: [&str; 2] = ["/etc/hosts", "/etc/nsswitch.conf"];

/// The machine's files as they were found once.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) without_network: Arc<Listing>,
    pub(super) with_network: Arc<Listing>,
    /// What else has to be as it was: where something was looked for.
    watched: BTreeMap<PathBuf, Option<Stamp>>,
    root: PathBuf,
}

/// What a process is shown of the machine's files. Listings are the same that show the same.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::sandbox) struct Listing {
    /// In the order of their paths.
    pub(in crate::sandbox) pieces: Vec<Piece>,
    /// The files and folders that they are of, for a process that sees the host's.
    pub(super) given: Vec<PathBuf>,
    /// What is taken over.
    taken: Vec<Option<Stamp>>,
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
type Stamp = (Identity, Option<(i64, i64)>);

impl Found {
    /// Looks for everything beneath `root`, which is `/` but for tests.
    pub(super) fn find(root: &Path) -> Self {
        let mut search = Search::new(root);
        for name in PUBLIC {
            for at in search.expand(name) {
                search.public(&at);
            }
        }
        for name in JUDGED {
            for at in search.expand(name) {
                if search.is_harmless(&at) {
                    search.public(&at);
                }
            }
        }
        for name in JUDGED_ON_HOST {
            for at in search.expand(name) {
                if search.is_harmless(&at) {
                    search.given.push(at);
                }
            }
        }
        let [nodes, second] = NODES.map(Path::new);
        let nodes = search.host(second).exists().then_some(nodes);
        for at in WHOLE.iter().copied().map(Path::new).chain(nodes) {
            search.whole(at);
        }
        let mut with_network = search.clone();
        for at in NETWORK {
            with_network.whole(Path::new(at));
        }
        let taken = TAKEN.map(|at| stamp(&search.host(Path::new(at))));
        let watched = with_network.watched.clone();
        Self {
            without_network: Arc::new(search.finish(Vec::new())),
            with_network: Arc::new(with_network.finish(taken.into())),
            watched,
            root: root.to_owned(),
        }
    }

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
    fn new(at: PathBuf, what: What, host: &Path) -> Self {
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

/// What is found, while it is looked for.
#[derive(Clone)]
struct Search<'a> {
    root: &'a Path,
    /// Who owns `/etc`, and so is the system.
    system: u32,
    pieces: BTreeMap<PathBuf, What>,
    given: Vec<PathBuf>,
    watched: BTreeMap<PathBuf, Option<Stamp>>,
    /// Which folders are the system's.
    folders: BTreeMap<PathBuf, bool>,
}

/// How much a folder has.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    files: usize,
    links: usize,
    bytes: u64,
}

/// What a folder and those below have that everybody may read.
#[derive(Debug, Default)]
struct Tree {
    files: Vec<(PathBuf, u64)>,
    links: Vec<(PathBuf, PathBuf)>,
    /// Something is there that is not for everybody.
    has_private: bool,
    /// All that was looked at.
    entries: usize,
}

impl Search<'_> {
    fn new(root: &Path) -> Search<'_> {
        let etc = fs::metadata(host(root, Path::new("/etc")));
        Search {
            root,
            system: etc.map_or(0, |etc| etc.uid()),
            pieces: BTreeMap::new(),
            given: Vec::new(),
            watched: BTreeMap::new(),
            folders: BTreeMap::new(),
        }
    }

    fn host(&self, at: &Path) -> PathBuf {
        host(self.root, at)
    }

    /// The paths that a name stands for, below folders that are the system's.
    fn expand(&mut self, name: &str) -> Vec<PathBuf> {
        let mut found = vec![PathBuf::from("/")];
        for part in name.split('/').filter(|part| !part.is_empty()) {
            let mut next = Vec::new();
            for folder in found {
                if !self.is_system_at(&folder) {
                    continue;
                }
                let on_host = self.host(&folder);
                let Some((before, after)) = part.split_once('*') else {
                    next.push(folder.join(part));
                    continue;
                };
                let names = fs::read_dir(&on_host).into_iter().flatten().flatten();
                let names = names.map(|entry| entry.file_name());
                let fitting = names.filter(|name| fits(name, before, after));
                next.extend(fitting.map(|name| folder.join(name)));
            }
            found = next;
        }
        found
    }

    /// Whether a folder can be entered by everybody, and written by the system only.
    fn is_system(&self, folder: &Metadata) -> bool {
        const BY_OTHERS: u32 = 0o022;
        const ENTERED: u32 = 0o001;
        folder.is_dir()
            && [0, self.system].contains(&folder.uid())
            && folder.mode() & BY_OTHERS == 0
            && folder.mode() & ENTERED != 0
    }

    /// The same of what is at a path, looked at once.
    fn is_system_at(&mut self, folder: &Path) -> bool {
        if let Some(is_system) = self.folders.get(folder) {
            return *is_system;
        }
        self.watch(folder);
        let metadata = fs::metadata(self.host(folder));
        let is_system = metadata.is_ok_and(|folder| self.is_system(&folder));
        self.folders.insert(folder.to_owned(), is_system);
        is_system
    }

    fn watch(&mut self, folder: &Path) {
        if !self.watched.contains_key(folder) {
            let stamp = stamp(&self.host(folder));
            self.watched.insert(folder.to_owned(), stamp);
        }
    }

    /// Adds what is at a path, as far as it is for everybody.
    fn public(&mut self, at: &Path) {
        let on_host = self.host(at);
        let Ok(metadata) = fs::symlink_metadata(&on_host) else {
            return;
        };
        if metadata.is_symlink() {
            let Ok(real) = on_host.canonicalize() else {
                return;
            };
            if real.starts_with(self.host(Path::new("/usr"))) {
                if let Ok(target) = fs::read_link(&on_host) {
                    self.pieces.insert(at.to_owned(), What::Link(target));
                    self.given.push(at.to_owned());
                }
                return;
            }
            if !is_reached(&real) {
                return;
            }
        }
        match fs::metadata(&on_host) {
            Ok(metadata) if metadata.is_dir() => self.folder(at),
            Ok(metadata) if is_public(&metadata) => {
                self.file(at.to_owned(), metadata.len());
                self.given.push(at.to_owned());
            }
            Ok(_) | Err(_) => {}
        }
    }

    fn file(&mut self, at: PathBuf, bytes: u64) {
        let what = match bytes <= COPIED_MAX {
            true => What::Copy,
            false => What::Mount,
        };
        self.pieces.insert(at, what);
    }

    fn folder(&mut self, at: &Path) {
        let mut tree = Tree::default();
        self.walk(at, 0, &mut tree);
        if !tree.has_private && !tree.is_within(SMALL) {
            self.pieces.insert(at.to_owned(), What::Mount);
            self.given.push(at.to_owned());
            return;
        }
        if !tree.is_within(LARGE) {
            tracing::debug!(
                "{} is not shown to processes: not everybody may read all of it",
                at.display()
            );
            return;
        }
        match tree.has_private {
            true => self
                .given
                .extend(tree.files.iter().map(|(at, _)| at.clone())),
            false => self.given.push(at.to_owned()),
        }
        for (at, bytes) in tree.files {
            self.file(at, bytes);
        }
        let links = tree.links.into_iter();
        self.pieces
            .extend(links.map(|(at, target)| (at, What::Link(target))));
    }

    fn walk(&mut self, at: &Path, depth: usize, tree: &mut Tree) {
        self.watch(at);
        let on_host = self.host(at);
        let is_open = fs::metadata(&on_host).is_ok_and(|folder| self.is_system(&folder));
        let entries = match fs::read_dir(&on_host) {
            Ok(entries) if is_open && depth < DEEPEST => entries,
            Ok(_) | Err(_) => {
                tree.has_private = true;
                return;
            }
        };
        for entry in entries {
            tree.entries += 1;
            let Ok(entry) = entry else {
                tree.has_private = true;
                continue;
            };
            let name = entry.file_name();
            if is_left_over(&name) {
                continue;
            }
            let at = at.join(name);
            match entry.metadata() {
                _ if tree.entries > ENTRIES_MAX => {
                    tree.has_private = true;
                    return;
                }
                Ok(metadata) if metadata.is_dir() => self.walk(&at, depth + 1, tree),
                Ok(metadata) if metadata.is_symlink() => {
                    let target = fs::read_link(entry.path());
                    tree.links.extend(target.map(|target| (at, target)));
                }
                Ok(metadata) if is_public(&metadata) => tree.files.push((at, metadata.len())),
                Ok(_) | Err(_) => tree.has_private = true,
            }
        }
    }

    /// Whether a file is for everybody, and holds no credential. What it has now counts: one
    /// that is written to is another one from then on.
    fn is_harmless(&mut self, at: &Path) -> bool {
        let on_host = self.host(at);
        self.watch(at);
        let is_small = |file: &Metadata| is_public(file) && file.len() <= COPIED_MAX;
        fs::symlink_metadata(&on_host).is_ok_and(|file| is_small(&file))
            && fs::read_to_string(&on_host).is_ok_and(|text| !credentials::may_hold(&text))
    }

    /// Adds what is at a path, whatever it is.
    fn whole(&mut self, at: &Path) {
        for folder in at.ancestors().skip(1) {
            if self.host(folder).is_dir() {
                self.watch(folder);
                break;
            }
        }
        // Whoever builds the sandbox may be another user than the host's.
        if self
            .host(at)
            .canonicalize()
            .is_ok_and(|real| is_reached(&real))
        {
            self.pieces.insert(at.to_owned(), What::Mount);
            self.given.push(at.to_owned());
        }
    }

    fn finish(self, taken: Vec<Option<Stamp>>) -> Listing {
        let pieces = self.pieces.into_iter();
        Listing {
            pieces: pieces
                .map(|(at, what)| {
                    let on_host = host(self.root, &at);
                    Piece::new(at, what, &on_host)
                })
                .collect(),
            given: self.given,
            taken,
        }
    }
}

impl Tree {
    fn is_within(&self, most: Size) -> bool {
        let bytes: u64 = self.files.iter().map(|(_, bytes)| bytes).sum();
        self.entries <= ENTRIES_MAX
            && self.files.len() <= most.files
            && self.links.len() <= most.links
            && bytes <= most.bytes
    }
}

fn host(root: &Path, at: &Path) -> PathBuf {
    root.join(at.strip_prefix("/").unwrap_or(at))
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok()?;
    // The kernel makes up the times of its own files.
    let is_kernels = path.starts_with("/sys");
    let written = (!is_kernels).then(|| (metadata.mtime(), metadata.mtime_nsec()));
    Some(((metadata.dev(), metadata.ino()), written))
}

#[cfg(test)]
mod tests;
