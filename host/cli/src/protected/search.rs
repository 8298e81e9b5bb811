//! Finds what building a folder takes from elsewhere: a worklist of folders that are
//! searched, and of files whose words are followed.
//!
//! It only reads. It finds a little more than a build uses: a path that is only mentioned
//! counts, too.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use super::called::{self, Called};
use super::kinds::{EDITABLE, INSTALLED, Kind, OF_BUILDS, is_of_system};
use super::text::Meaning;
use crate::around::AROUND;
use crate::way::Way;

/// How many looks that take no or one short system call cost as much as another one.
const CHEAP: usize = 32;

/// How much is searched for one folder that is built.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Entries of folders and words of files, together.
    pub(super) looks: usize,
    /// Bytes of files.
    pub(super) bytes: u64,
    /// Processor time: looking at something again takes time, but hardly counts as a
    /// look.
    pub(super) time: Duration,
}

/// Ordinary projects take a fraction of a second.
pub(super) const LIMITS: Limits = Limits {
    looks: 200_000,
    bytes: 64 << 20,
    time: Duration::from_secs(10),
};

/// There is more than the limits allow to search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooMuch;

/// The state of the search for one project. Results are not shared between projects:
/// another project calls other names.
pub(super) struct Search<'a> {
    pub(super) left: Limits,
    /// The processor time that this thread had used before.
    began: Duration,
    /// How many cheap looks are not counted yet.
    cheap: usize,
    /// The folder that is built.
    pub(super) project: &'a Path,
    /// The home of the user who builds it.
    pub(super) home: Option<&'a Path>,
    /// Names that build files use without a path.
    called: Called,
    /// Paths that lead up, from whichever folder of a build.
    pub(super) ups: HashSet<Up>,
    found: BTreeSet<PathBuf>,
    folders: Vec<PathBuf>,
    files: Vec<File>,
    walked: HashSet<PathBuf>,
    read: HashSet<File>,
    reached: HashMap<(PathBuf, Meaning, Kind), Option<PathBuf>>,
    guessed: HashSet<(PathBuf, Kind)>,
}

/// The context that a word is followed in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step<'a> {
    /// The folder that the word is relative to.
    pub(super) base: &'a Path,
    pub(super) meaning: Meaning,
    /// The kind of the file that has it.
    pub(super) named_by: Kind,
    /// The folder whose build the file is part of.
    pub(super) root: &'a Path,
}

/// A file whose words are followed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) kind: Kind,
    /// The folder whose build it is part of.
    pub(super) root: PathBuf,
}

/// A path that goes up by some folders before it goes down.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Up {
    pub(super) folders: usize,
    pub(super) rest: PathBuf,
    pub(super) named_by: Kind,
}

impl<'a> Search<'a> {
    /// Creates a search for what building `project` takes, whose path has no links.
    /// `home` is the home of the user who builds.
    pub(super) fn new(project: &'a Path, home: Option<&'a Path>, limits: Limits) -> Self {
        Self {
            left: limits,
            began: time_of_thread(),
            cheap: 0,
            project,
            home,
            called: Called::default(),
            ups: HashSet::new(),
            found: BTreeSet::new(),
            folders: Vec::new(),
            files: Vec::new(),
            walked: HashSet::new(),
            read: HashSet::new(),
            reached: HashMap::new(),
            guessed: HashSet::new(),
        }
    }

    /// Returns all paths that building the project takes something from, and those that
    /// `settings` name, the user's own files that apply to every build. No path has
    /// links.
    ///
    /// # Errors
    ///
    /// [`TooMuch`] if the result would be incomplete.
    pub(super) fn run(mut self, settings: &[PathBuf]) -> Result<BTreeSet<PathBuf>, TooMuch> {
        for file in settings {
            self.enqueue(file, Kind::Build, self.project);
        }
        self.folder(self.project)?;
        self.follow()?;
        Ok(self.found)
    }

    fn follow(&mut self) -> Result<(), TooMuch> {
        loop {
            if let Some(file) = self.files.pop() {
                self.file(file)?;
            } else if let Some(folder) = self.folders.pop() {
                self.walk(&folder)?;
            } else if !self.climb()? {
                return Ok(());
            }
        }
    }

    /// Follows paths that lead up out of a build: whatever folder of it a tool runs in, such
    /// a path begins in one of the folders above. Returns whether any of them is new.
    fn climb(&mut self) -> Result<bool, TooMuch> {
        let mut any = false;
        let (roots, ups) = (self.walked.clone(), self.ups.clone());
        for root in &roots {
            for up in &ups {
                for base in root.ancestors().skip(1).take(up.folders) {
                    self.look_cheaply()?;
                    if self.guessed.insert((base.join(&up.rest), up.named_by)) {
                        any = true;
                        let (meaning, named_by) = (Meaning::Word, up.named_by);
                        let step = Step {
                            base,
                            meaning,
                            named_by,
                            root,
                        };
                        self.guess(&up.rest, step)?;
                    }
                }
            }
        }
        Ok(any)
    }

    /// Follows a word that may be relative to a folder, if something is there, or could
    /// be created in a folder that is there.
    pub(super) fn guess(&mut self, word: &Path, step: Step<'_>) -> Result<(), TooMuch> {
        self.look()?;
        let path = step.base.join(word);
        let parent = path.parent().filter(|parent| *parent != step.base);
        if path.exists() || parent.is_some_and(Path::is_dir) {
            self.reach(word, step)?;
        }
        Ok(())
    }

    pub(super) fn look(&mut self) -> Result<(), TooMuch> {
        self.looks(1)
    }

    pub(super) fn looks(&mut self, count: usize) -> Result<(), TooMuch> {
        self.left.looks = self.left.looks.checked_sub(count).ok_or(TooMuch)?;
        match time_of_thread().saturating_sub(self.began) > self.left.time {
            true => Err(TooMuch),
            false => Ok(()),
        }
    }

    /// Counts a look that takes no or one short system call.
    pub(super) fn look_cheaply(&mut self) -> Result<(), TooMuch> {
        self.cheap += 1;
        if self.cheap < CHEAP {
            return Ok(());
        }
        self.cheap = 0;
        self.look()
    }

    /// Follows every file that this word of a build file calls, wherever it is in what was
    /// searched. `by` is the extension of the file that has it, if that is source code.
    pub(super) fn call(&mut self, word: &str, by: Option<&OsStr>) {
        for (path, root) in self.called.call(word, by) {
            self.enqueue(&path, Kind::Build, &root);
        }
    }

    /// Adds a folder with everything in it.
    fn folder(&mut self, folder: &Path) -> Result<(), TooMuch> {
        self.found.insert(folder.to_owned());
        if is_of_system(folder) || !self.walked.insert(folder.to_owned()) {
            return Ok(());
        }
        self.folders.push(folder.to_owned());
        self.around(folder)
    }

    /// Adds the files that tools read in the folders above a folder.
    fn around(&mut self, folder: &Path) -> Result<(), TooMuch> {
        for above in folder.ancestors().skip(1) {
            let cargo = above.join("Cargo.toml").exists().then_some("target");
            for name in AROUND.into_iter().chain(cargo) {
                let path = above.join(name);
                self.look()?;
                let Ok(metadata) = fs::symlink_metadata(&path) else {
                    // A user who could create it there could write the folder as well.
                    continue;
                };
                let way = Way::from(above, Path::new(name));
                self.found.extend(way.through);
                self.found.insert(way.end.clone());
                if !metadata.is_dir() && !way.end.is_dir() {
                    self.enqueue(&way.end, Kind::Build, folder);
                } else if name == "node_modules" && self.walked.insert(way.end.clone()) {
                    self.folders.push(way.end);
                }
            }
        }
        Ok(())
    }

    /// Queues a file, whose words will be followed.
    pub(super) fn enqueue(&mut self, path: &Path, least: Kind, root: &Path) {
        let kind = match Kind::of(path) {
            Some(kind) => kind.max(least),
            // It may be a script.
            None if path.extension().is_none() => least.max(Kind::Build),
            None => least,
        };
        let file = File {
            path: path.to_owned(),
            kind,
            root: root.to_owned(),
        };
        if path.is_file() && self.read.insert(file.clone()) {
            self.files.push(file);
        }
    }

    /// Searches all folders below.
    fn walk(&mut self, root: &Path) -> Result<(), TooMuch> {
        let installed = |path: &Path| INSTALLED.iter().any(|name| path.ends_with(name));
        let mut folders = vec![(root.to_owned(), installed(root))];
        while let Some((folder, only_links)) = folders.pop() {
            // Nothing is built from a folder that cannot be listed.
            let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
            for entry in entries {
                self.look()?;
                let path = entry.path();
                let Ok(kind) = entry.file_type() else {
                    continue;
                };
                if kind.is_symlink() {
                    let name = entry.file_name();
                    let step = Step {
                        base: &folder,
                        meaning: Meaning::Word,
                        named_by: Kind::Source,
                        root,
                    };
                    self.reach(name.as_ref(), step)?;
                } else if kind.is_dir() && !is_passed_over(&path) && !is_package(root, &path) {
                    let only_links = only_links || installed(&path) || path.ends_with("cases");
                    folders.push((path, only_links));
                } else if kind.is_file() {
                    self.offer(&path, only_links, root);
                }
            }
        }
        Ok(())
    }

    /// Follows a file of a folder, or keeps it until it is called.
    fn offer(&mut self, path: &Path, only_links: bool, root: &Path) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let ends = [".pth", ".egg-link", ".cfg", "direct_url.json"];
        let leads = ends.iter().any(|end| name.ends_with(end)) || name.starts_with(EDITABLE);
        if only_links && !leads {
            return;
        }
        let kind = Kind::of(path);
        if let Some(least) = kind {
            self.enqueue(path, least, root);
        }
        if kind <= Some(Kind::Source) {
            let script = kind.is_none() && called::names_interpreter(path);
            if script || self.called.offer(path, root) {
                self.enqueue(path, Kind::Build, root);
            }
        }
    }

    /// Adds the target of a word, and what that names in turn. Returns the target if it
    /// is a folder around the build, that the build goes up to.
    pub(super) fn reach(
        &mut self,
        word: &Path,
        step: Step<'_>,
    ) -> Result<Option<PathBuf>, TooMuch> {
        let key = (step.base.join(word), step.meaning, step.named_by);
        if let Some(reached) = self.reached.get(&key).cloned() {
            self.look_cheaply()?;
            return Ok(reached);
        }
        // For each part of a path, the kernel looks up all parts before it again.
        let parts = word.components().count();
        self.looks(1 + parts * parts / 100)?;
        let way = Way::from(step.base, word);
        for path in &way.through {
            self.add(path);
        }
        let reached = match way.end.metadata() {
            Ok(metadata) if metadata.is_dir() => {
                // It belongs to all users.
                let shared = metadata.mode() & 0o1002 == 0o1002;
                if shared {
                    None
                } else {
                    self.reach_folder(way.end, step)?
                }
            }
            there => {
                self.add(&way.end);
                if there.is_ok() && !is_of_system(&way.end) {
                    let kind = step.named_by.min(Kind::Build);
                    self.enqueue(&way.end, kind, step.root);
                    // By a link, a file is also known in another folder than its own.
                    let path = step.base.join(word);
                    let named_in = path.parent().filter(|_| !way.through.is_empty());
                    let named_in = named_in.map(|folder| Way::of(folder).end);
                    if let Some(folder) = named_in.filter(|one| way.end.parent() != Some(one)) {
                        self.enqueue(&way.end, kind, &folder);
                    }
                }
                None
            }
        };
        self.reached.insert(key, reached.clone());
        Ok(reached)
    }

    fn reach_folder(&mut self, end: PathBuf, step: Step<'_>) -> Result<Option<PathBuf>, TooMuch> {
        let weak = step.meaning != Meaning::Whole;
        if end == Path::new("/") || self.has(&end) {
            return Ok(None);
        }
        if weak && (self.project.starts_with(&end) || step.root.starts_with(&end)) {
            if step.named_by == Kind::Source {
                return Ok(None);
            }
            for name in OF_BUILDS {
                self.enqueue(&end.join(name), Kind::Build, &end);
            }
            return Ok(Some(end));
        }
        if !(weak && self.is_wide(&end)) {
            self.folder(&end)?;
        }
        Ok(None)
    }

    fn add(&mut self, path: &Path) {
        if !self.has(path) {
            self.found.insert(path.to_owned());
        }
    }

    /// Returns whether a path lies in a folder that is protected as a whole.
    pub(super) fn has(&self, path: &Path) -> bool {
        path.ancestors().any(|above| self.walked.contains(above))
    }

    /// Returns whether a word cannot mean all of a folder: too much is in it.
    fn is_wide(&self, folder: &Path) -> bool {
        let home = self.home == Some(folder);
        home || folder.components().count() <= 2 || folder.parent() == Some(Path::new("/home"))
    }
}

/// Returns the processor time that this thread has used.
fn time_of_thread() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    // Never negative, and never more than the age of the machine.
    Duration::try_from(time).unwrap_or_default()
}

/// Returns whether a folder is an installed package, of npm or the like. Such packages
/// have no links inside: links between packages are next to them.
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

/// Returns whether builds only read what they made themselves in a folder.
fn is_passed_over(path: &Path) -> bool {
    path.ends_with(".git") || path.ends_with("target") && path.join("CACHEDIR.TAG").is_file()
}
