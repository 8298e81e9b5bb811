//! Finds what building a folder takes from elsewhere: a worklist of folders that
//! are walked through, and of files whose words are followed.
//!
//! Only looks. What is found is a little more than what a build uses: a path that
//! is only mentioned counts, too.

use std::collections::{BTreeSet, HashSet};
use std::ffi::OsStr;
use std::fs::{self, FileType};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::kinds::{AROUND, EDITABLE, INSTALLED, Kind, OF_BUILDS, is_of_system};
use super::text::{self, Meaning};
use crate::foreign;
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
    left: Limits,
    /// The folder that is built.
    project: PathBuf,
    found: BTreeSet<PathBuf>,
    folders: Vec<PathBuf>,
    files: Vec<File>,
    walked: HashSet<PathBuf>,
    read: HashSet<File>,
    reached: HashSet<(PathBuf, Meaning, Kind)>,
}

/// A file whose words are followed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct File {
    path: PathBuf,
    kind: Kind,
    /// The folder that it is part of the build of.
    root: PathBuf,
}

/// A word of a file, and what it may be relative to.
struct Named<'a> {
    word: &'a str,
    meaning: Meaning,
    from: &'a File,
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
            reached: HashSet::new(),
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

    fn look(&mut self) -> Result<(), TooMuch> {
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
        let kind = Kind::of(path).map_or(least, |kind| kind.max(least));
        let file = File {
            path: path.to_owned(),
            kind,
            root: root.to_owned(),
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

    /// Follows the words of one file.
    fn file(&mut self, file: &File) -> Result<(), TooMuch> {
        let Ok(bytes) = foreign::bytes(&file.path, self.left.bytes) else {
            // It cannot be read, or it is larger than all that is left.
            let size = file.path.metadata().map_or(0, |metadata| metadata.len());
            return match size > self.left.bytes {
                true => Err(TooMuch),
                false => Ok(()),
            };
        };
        self.left.bytes = self.left.bytes.saturating_sub(bytes.len() as u64);
        if bytes.iter().take(8192).any(|byte| *byte == 0) {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&bytes);
        let end = file.path.extension().and_then(|end| end.to_str());
        let parsed = match end {
            Some("toml") => text::of_toml(&text),
            Some("json") => text::of_json(&text),
            _ if file.path.ends_with(".cargo/config") => text::of_toml(&text),
            _ => None,
        };
        let structured = parsed.is_some();
        let words = match (parsed, file.kind) {
            (Some(values), _) => values,
            (None, Kind::Source) => text::words_of_source(&text),
            (None, _) => text::words(&text),
        };
        let mut above = BTreeSet::new();
        for (word, meaning) in &words {
            // The file itself is in its own folder.
            if structured && [".", "./"].contains(&word.as_str()) {
                continue;
            }
            let lists = file.kind == Kind::Libraries && !structured && *meaning == Meaning::Word;
            let meaning = match lists && (word.contains('/') || word.starts_with('.')) {
                true => Meaning::Whole,
                false => *meaning,
            };
            let from = file;
            above.extend(self.named(&Named {
                word,
                meaning,
                from,
            })?);
        }
        // What comes after `cd ..`, or after a variable.
        for base in &above {
            for (word, _) in &words {
                self.guessed(base, word, file)?;
            }
        }
        Ok(())
    }

    /// Follows a word. Returns the folders around the project that it names.
    fn named(&mut self, named: &Named<'_>) -> Result<Vec<PathBuf>, TooMuch> {
        let Named {
            word,
            meaning,
            from,
        } = *named;
        let source = from.kind == Kind::Source;
        // In Rust a range, and in code of any kind rarely a path.
        let code = [".rs", ".go", ".py", ".js"].iter();
        let code = code
            .into_iter()
            .any(|end| from.path.to_string_lossy().ends_with(end));
        if code && word == ".." {
            return Ok(Vec::new());
        }
        let mut above = Vec::new();
        if meaning == Meaning::Rest || word.starts_with("/..") {
            for base in bases(from).iter().chain([&from.root]) {
                self.guessed(base, word, from)?;
            }
        }
        if meaning == Meaning::Rest {
            return Ok(above);
        }
        for base in bases(from) {
            let path = base.join(word);
            let plain = word.contains('/') || word.starts_with("..");
            let sure = plain && !source || word.contains("../") || word.starts_with('/');
            if sure || meaning == Meaning::Whole || fs::symlink_metadata(&path).is_ok() {
                above.extend(self.reach(&base, word.as_ref(), meaning, from.kind, &from.root)?);
            }
        }
        Ok(above)
    }

    /// Follows a word that may be relative to a folder, where something is there, or
    /// could be made in a folder that is there.
    fn guessed(&mut self, base: &Path, word: &str, from: &File) -> Result<(), TooMuch> {
        let word = word.trim_start_matches('/');
        let path = base.join(word);
        let parent = path.parent().filter(|parent| *parent != base);
        if word.is_empty() || !(path.exists() || parent.is_some_and(Path::is_dir)) {
            return Ok(());
        }
        self.reach(base, word.as_ref(), Meaning::Word, from.kind, &from.root)?;
        Ok(())
    }

    /// Adds what a word leads to, and what that names in turn. Returns it where it is
    /// a folder that the project lies in, and is not taken as a whole.
    fn reach(
        &mut self,
        base: &Path,
        word: &Path,
        meaning: Meaning,
        named_by: Kind,
        root: &Path,
    ) -> Result<Option<PathBuf>, TooMuch> {
        self.look()?;
        if !self.reached.insert((base.join(word), meaning, named_by)) {
            return Ok(None);
        }
        let way = Way::from(base, word);
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
                    self.enqueue(&end, named_by.min(Kind::Build), root);
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
            Ok(_) if self.has(&end) => {}
            Ok(_) => self.folder(&end)?,
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

/// The folders that the words of a file may be relative to.
fn bases(file: &File) -> BTreeSet<PathBuf> {
    let folder = file.path.parent().map(Path::to_owned);
    // Cargo's are relative to the folder around `.cargo`.
    let around = folder
        .as_deref()
        .filter(|folder| folder.ends_with(".cargo"));
    let around = around.and_then(Path::parent).map(Path::to_owned);
    // What is executed is so in the folder that is built.
    let root = (file.kind != Kind::Source).then(|| file.root.clone());
    folder.into_iter().chain(around).chain(root).collect()
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
