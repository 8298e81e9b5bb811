//! Finds what building a folder takes from elsewhere: a worklist of folders that
//! are walked through, and of files whose words are followed.
//!
//! Only looks. What is found is a little more than what a build uses: a path that
//! is only mentioned counts, too.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::OsStr;
use std::fs::{self, FileType};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::kinds::{AROUND, EDITABLE, INSTALLED, Kind, OF_BUILDS, is_of_system};
use super::text::Meaning;
use crate::way::Way;

/// How much is looked at for one folder that is built.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Entries of folders and words of files, together.
    pub(super) looks: usize,
    /// Bytes of files.
    pub(super) bytes: u64,
}

/// On one processor of 2024 this takes half a second.
pub(super) const LIMITS: Limits = Limits {
    looks: 200_000,
    bytes: 64 << 20,
};

/// There is more than is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooMuch;

/// What was found so far.
pub(super) struct Search {
    limits: Limits,
    pub(super) left: Limits,
    /// The folder that is built.
    pub(super) project: PathBuf,
    found: BTreeSet<PathBuf>,
    folders: Vec<PathBuf>,
    files: Vec<File>,
    walked: HashSet<PathBuf>,
    read: HashSet<File>,
    reached: HashMap<(PathBuf, Meaning, Kind), Option<PathBuf>>,
}

/// A file whose words are followed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) kind: Kind,
    /// The folder that it is part of the build of.
    pub(super) root: PathBuf,
    /// The folder that a link to it is in.
    pub(super) named_in: Option<PathBuf>,
}

impl Search {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            left: limits,
            project: PathBuf::new(),
            found: BTreeSet::new(),
            folders: Vec::new(),
            files: Vec::new(),
            walked: HashSet::new(),
            read: HashSet::new(),
            reached: HashMap::new(),
        }
    }

    /// All places that were found; no path has links.
    pub(super) fn found(self) -> BTreeSet<PathBuf> {
        self.found
    }

    /// Adds all that building this folder takes, whose path has no links, and what
    /// `settings` name, files of the user's own that hold for every build.
    ///
    /// # Errors
    ///
    /// [`TooMuch`] where that is not all of it.
    pub(super) fn project(&mut self, folder: &Path, settings: &[PathBuf]) -> Result<(), TooMuch> {
        self.left = self.limits;
        self.project = folder.to_owned();
        for file in settings {
            self.enqueue(file, Kind::Build, folder);
        }
        let ended = self.folder(folder).and_then(|()| self.follow());
        self.folders.clear();
        self.files.clear();
        ended
    }

    fn follow(&mut self) -> Result<(), TooMuch> {
        loop {
            if let Some(file) = self.files.pop() {
                self.file(&file)?;
            } else if let Some(folder) = self.folders.pop() {
                self.walk(&folder)?;
            } else {
                return Ok(());
            }
        }
    }

    pub(super) fn look(&mut self) -> Result<(), TooMuch> {
        self.left.looks = self.left.looks.checked_sub(1).ok_or(TooMuch)?;
        Ok(())
    }

    /// Adds a folder with all that is in it.
    fn folder(&mut self, folder: &Path) -> Result<(), TooMuch> {
        self.found.insert(folder.to_owned());
        if is_of_system(folder) || !self.walked.insert(folder.to_owned()) {
            return Ok(());
        }
        self.folders.push(folder.to_owned());
        self.around(folder)
    }

    /// Adds what tools read in the folders that a folder lies in.
    fn around(&mut self, folder: &Path) -> Result<(), TooMuch> {
        for above in folder.ancestors().skip(1) {
            let cargo = above.join("Cargo.toml").exists().then_some("target");
            for name in AROUND.into_iter().chain(cargo) {
                let path = above.join(name);
                self.look()?;
                let Ok(metadata) = fs::symlink_metadata(&path) else {
                    // Whoever could make it there could write the folder as well.
                    continue;
                };
                let way = Way::from(above, Path::new(name));
                self.found.extend(way.through);
                self.found.insert(way.end.clone());
                if !metadata.is_dir() && !way.end.is_dir() {
                    self.enqueue(&way.end, Kind::Build, folder);
                } else if name == ".cargo" {
                    for name in ["config", "config.toml"] {
                        let way = Way::from(&way.end, Path::new(name));
                        self.found.extend(way.through);
                        self.found.insert(way.end.clone());
                        self.enqueue(&way.end, Kind::Build, folder);
                    }
                } else if name == "node_modules" && self.walked.insert(way.end.clone()) {
                    self.folders.push(way.end);
                }
            }
        }
        Ok(())
    }

    /// Has the words of a file followed, where it is one.
    fn enqueue(&mut self, path: &Path, least: Kind, root: &Path) {
        self.enqueue_in(path, least, root, None);
    }

    fn enqueue_in(&mut self, path: &Path, least: Kind, root: &Path, named_in: Option<PathBuf>) {
        let kind = Kind::of(path).map_or(least, |kind| kind.max(least));
        let file = File {
            path: path.to_owned(),
            kind,
            root: root.to_owned(),
            named_in,
        };
        if path.is_file() && self.read.insert(file.clone()) {
            self.files.push(file);
        }
    }

    /// Looks through all folders below.
    fn walk(&mut self, root: &Path) -> Result<(), TooMuch> {
        let installed = |path: &Path| INSTALLED.iter().any(|name| path.ends_with(name));
        let mut folders = vec![(root.to_owned(), installed(root))];
        while let Some((folder, only_links)) = folders.pop() {
            // Of what cannot be listed, nothing is built.
            let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
            for entry in entries {
                self.look()?;
                let path = entry.path();
                let Ok(kind) = entry.file_type() else {
                    continue;
                };
                if kind.is_symlink() {
                    let name = entry.file_name();
                    self.reach(&folder, name.as_ref(), Meaning::Word, Kind::Source, root)?;
                } else if kind.is_dir() && !is_passed_over(&path) && !is_package(root, &path) {
                    let only_links = only_links || installed(&path) || path.ends_with("cases");
                    folders.push((path, only_links));
                } else {
                    self.named_file(&path, kind, only_links, root);
                }
            }
        }
        Ok(())
    }

    fn named_file(&mut self, path: &Path, kind: FileType, only_links: bool, root: &Path) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let ends = [".pth", ".egg-link", ".cfg", "direct_url.json"];
        let leads = ends.iter().any(|end| name.ends_with(end)) || name.starts_with(EDITABLE);
        if let Some(least) = Kind::of(path)
            && kind.is_file()
            && (leads || !only_links)
        {
            self.enqueue(path, least, root);
        }
    }

    /// Adds what a word leads to, and what that names in turn. Returns it where it is
    /// a folder that a build goes into.
    pub(super) fn reach(
        &mut self,
        base: &Path,
        word: &Path,
        meaning: Meaning,
        named_by: Kind,
        root: &Path,
    ) -> Result<Option<PathBuf>, TooMuch> {
        self.look()?;
        let key = (base.join(word), meaning, named_by);
        if let Some(reached) = self.reached.get(&key) {
            return Ok(reached.clone());
        }
        let reached = self.reach_first(base, word, meaning, named_by, root)?;
        self.reached.insert(key, reached.clone());
        Ok(reached)
    }

    fn reach_first(
        &mut self,
        base: &Path,
        word: &Path,
        meaning: Meaning,
        named_by: Kind,
        root: &Path,
    ) -> Result<Option<PathBuf>, TooMuch> {
        let way = Way::from(base, word);
        let is_link = !way.through.is_empty();
        let through = way.through.into_iter().filter(|path| !self.has(path));
        let through: Vec<PathBuf> = through.collect();
        self.found.extend(through);
        let end = way.end;
        let is_above = self.project.starts_with(&end) || root.starts_with(&end);
        let weak = meaning != Meaning::Whole;
        match end.metadata() {
            Ok(metadata) if !metadata.is_dir() => {
                self.add(&end);
                if !is_of_system(&end) {
                    // Compilers read a file by the name that it was given by.
                    let named_in = base.join(word);
                    let named_in = named_in.parent().filter(|_| is_link);
                    let named_in = named_in.map(|folder| Way::of(folder).end);
                    self.enqueue_in(&end, named_by.min(Kind::Build), root, named_in);
                }
            }
            // Of all users, or too wide to say anything.
            Ok(metadata) if end == Path::new("/") || metadata.mode() & 0o1002 == 0o1002 => {}
            Ok(_) if weak && is_above => {
                if self.has(&end) || named_by == Kind::Source {
                    return Ok(None);
                }
                for name in OF_BUILDS {
                    self.enqueue(&end.join(name), Kind::Build, &end);
                }
                return Ok(Some(end));
            }
            Ok(_) if weak && is_wide(&end) => {}
            Ok(_) => {
                if !self.has(&end) {
                    self.folder(&end)?;
                }
                return Ok((named_by != Kind::Source).then_some(end));
            }
            Err(_) => self.add(&end),
        }
        Ok(None)
    }

    fn add(&mut self, path: &Path) {
        if !self.has(path) {
            self.found.insert(path.to_owned());
        }
    }

    /// Whether a path lies in a folder that is protected with all that is in it.
    fn has(&self, path: &Path) -> bool {
        path.ancestors().any(|above| self.walked.contains(above))
    }
}

/// Folders that many things lie in, which a word does not mean all of.
fn is_wide(folder: &Path) -> bool {
    let home = etcetera::home_dir().is_ok_and(|home| home == folder);
    home || folder.components().count() <= 2 || folder.parent() == Some(Path::new("/home"))
}

/// Whether a folder is a package that npm or the like has installed, which has no
/// links in it: those between packages are beside it.
fn is_package(root: &Path, folder: &Path) -> bool {
    let (Some(parent), Some(name)) = (folder.parent(), folder.file_name()) else {
        return false;
    };
    let below = parent.strip_prefix(root).unwrap_or(Path::new(""));
    let modules = |part: &OsStr| part == "node_modules";
    let inside = root.ends_with("node_modules") || below.iter().any(modules);
    let holds_packages = modules(name)
        || parent.ends_with(".pnpm")
        || name.to_string_lossy().starts_with(['.', '@']);
    inside && !holds_packages
}

/// Folders that no build reads of what it did not make itself.
fn is_passed_over(path: &Path) -> bool {
    path.ends_with(".git") || path.ends_with("target") && path.join("CACHEDIR.TAG").is_file()
}
