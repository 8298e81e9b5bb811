//! Looks which of the names are there, and how each is best shown: a small file as a copy,
//! since a mount takes bubblewrap some five times as long.
//!
//! Only what everybody may read is shown, in folders that everybody may enter and nobody
//! but the system may write. What else lies in a folder is left out.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::credentials;
use super::listing::{COPIED_MAX, Found, Listing, Piece, Stamp, TAKEN, What, host, stamp};
use super::names::{JUDGED, JUDGED_ON_HOST, NETWORK, NODES, PUBLIC, WHOLE};

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

/// Looks for everything beneath `root`, which is `/` but for tests.
pub(super) fn find(root: &Path) -> Found {
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
    Found {
        without_network: Arc::new(search.finish(Vec::new())),
        with_network: Arc::new(with_network.finish(taken.into())),
        watched,
        root: root.to_owned(),
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
    links: Vec<PathBuf>,
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
                if let Some(target) = self.link(at, at) {
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
        for link in tree.links {
            if let Some(target) = self.link(&link, at) {
                self.pieces.insert(link, What::Link(target));
            }
        }
    }

    /// Where a link leads that is shown as one. One that gets to `/usr` by other links leads
    /// there at once, since these may not be shown, unless they are in the folder `shown`.
    fn link(&mut self, at: &Path, shown: &Path) -> Option<PathBuf> {
        /// As many as the kernel follows.
        const LINKS_MAX: usize = 40;
        let first = fs::read_link(self.host(at)).ok()?;
        let usr = self.host(Path::new("/usr"));
        let shown = self.host(shown);
        let mut target = self.host(at).parent()?.join(&first);
        for hop in 0..LINKS_MAX {
            let (Some(folder), Some(name)) = (target.parent(), target.file_name()) else {
                break;
            };
            let Ok(real) = folder.canonicalize() else {
                break;
            };
            let next = real.join(name);
            // The folders on the way of the first may be links as well, but to what is shown.
            let is_shown = hop == 0 && plain(&target).starts_with(&shown);
            if is_shown || (hop == 0 && plain(&target).starts_with(&usr)) {
                break;
            }
            if next.starts_with(&usr) {
                return Some(Path::new("/").join(next.strip_prefix(self.root).ok()?));
            }
            if let Ok(folder) = real.strip_prefix(self.root) {
                self.watch(&Path::new("/").join(folder));
            }
            match fs::read_link(&next) {
                Ok(further) => target = real.join(further),
                Err(_) => break,
            }
        }
        Some(first)
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
                Ok(metadata) if metadata.is_symlink() => tree.links.push(at),
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

/// What nobody reads: a word to whoever looks there, and what was before.
fn is_left_over(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    let ends = [
        &b"~"[..],
        b".old",
        b".dpkg-old",
        b".dpkg-dist",
        b".rpmnew",
        b".rpmsave",
    ];
    name.starts_with(b"README") || ends.iter().any(|end| name.ends_with(end))
}

/// A path without `.` and `..`, as its text says.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

/// Whether everybody may enter the folders that something lies in.
fn is_reached(real: &Path) -> bool {
    const ENTERED: u32 = 0o001;
    let is_entered = |path: &Path| fs::metadata(path).is_ok_and(|it| it.mode() & ENTERED != 0);
    real.ancestors().skip(1).all(is_entered)
}

/// A regular file that everybody may read.
fn is_public(metadata: &Metadata) -> bool {
    const READ: u32 = 0o004;
    metadata.is_file() && metadata.mode() & READ != 0
}

/// Whether a name begins and ends like this. What is hidden is not meant.
fn fits(name: &OsStr, before: &str, after: &str) -> bool {
    let name = name.as_encoded_bytes();
    name.len() >= before.len() + after.len()
        && name.starts_with(before.as_bytes())
        && name.ends_with(after.as_bytes())
        && !name.starts_with(b".")
}

#[cfg(test)]
mod tests;
