//! Finds all that git would obey in a workspace: repositories, the paths that
//! their configuration names, the folders of their submodules, and the places
//! where there is no repository yet.
//!
//! Only looks, by the path that the workspace has now. What is found is opened
//! beneath the workspace's descriptor afterwards, where nothing leads out.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ffi::OsStr;
use std::fs;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, ResolveFlags};

use super::arrange::Kind;
use super::config::{self, Entry};
use super::names::{self, Named};
use super::repository::{self, DotGit, Repository};
use super::shown::Shown;
use super::{index, shown};

/// How many entries of directories are looked at. On one processor of 2024 that
/// takes some 30 ms.
pub(super) const ENTRIES_MAX: usize = 50_000;
/// How many files of configuration are read.
const CONFIGS_MAX: usize = 256;
/// How deep files of configuration include others, as with git.
const INCLUDES_MAX: usize = 10;

/// What the host's user has set for git, beside what lies in repositories.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GitSettings {
    /// Files of configuration that hold for every repository, such as
    /// `~/.gitconfig` and `/etc/gitconfig`. Those that are missing are none.
    pub config: Vec<PathBuf>,
    /// What `~` stands for in them; without it such paths are left out.
    pub home: Option<PathBuf>,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Survey {
    /// What has to stay as it is, relative to the workspace.
    pub(super) marks: BTreeMap<PathBuf, Kind>,
    /// What has to stay also where a process may write git's own data: what the
    /// repository knows of other work trees.
    pub(super) worktrees: BTreeMap<PathBuf, Kind>,
    /// Why all of the workspace has to.
    pub(super) whole: Option<&'static str>,
    /// The repository outside that the workspace is a work tree of.
    pub(super) shown: Option<Shown>,
    /// How many entries were looked at when there were too many.
    pub(super) cut: Option<usize>,
}

/// Looks through the workspace, which is open and lies at `real`.
pub(super) fn survey(workspace: BorrowedFd<'_>, real: &Path, settings: &GitSettings) -> Survey {
    let mut surveyor = Surveyor {
        workspace,
        real,
        settings,
        found: Survey::default(),
        seen: BTreeSet::new(),
        configs: BTreeMap::new(),
    };
    surveyor.around();
    surveyor.top();
    surveyor.below();
    surveyor.found
}

struct Surveyor<'a> {
    workspace: BorrowedFd<'a>,
    real: &'a Path,
    settings: &'a GitSettings,
    found: Survey,
    /// The repositories that were looked at, by their directory.
    seen: BTreeSet<PathBuf>,
    configs: BTreeMap<PathBuf, Vec<Entry>>,
}

impl<'a> Surveyor<'a> {
    /// What the workspace lies in.
    fn around(&mut self) {
        if self
            .real
            .components()
            .any(|part| part.as_os_str() == ".git")
        {
            self.found.whole = Some("it lies in a `.git`");
        }
        let above: Vec<PathBuf> = self.real.ancestors().skip(1).map(Into::into).collect();
        for folder in above {
            if let Some(repository) = Repository::of(folder.clone(), None) {
                self.found.whole = Some("it lies in the directory of a repository");
                self.look_into(repository);
            }
            if let DotGit::Repository(repository) = repository::dot_git(&folder) {
                self.look_into(repository);
            }
        }
        for file in &self.settings.config {
            for inside in self.inside(file) {
                self.mark_named(&inside, Some(Kind::EmptyFile));
            }
        }
    }

    /// The workspace itself.
    fn top(&mut self) {
        let real = self.real.to_path_buf();
        let dot_git = repository::dot_git(&real);
        self.dot_git(Path::new(""), &dot_git);
        match dot_git {
            DotGit::Repository(repository) => {
                if self.inside(&repository.git_dir).is_empty() {
                    self.found.shown = shown::find(&real, &repository);
                }
                self.look_into(repository);
            }
            DotGit::Broken => {}
            DotGit::Nothing | DotGit::Invalid => {
                if let Some(bare) = Repository::of(real, None) {
                    self.found.whole = Some("it is the directory of a repository");
                    self.look_into(bare);
                }
            }
        }
        // Configuration that is the user's holds for what has no repository yet, too.
        self.obey_user(&[self.real.to_path_buf()]);
    }

    /// Keeps the `.git` of a folder as it is.
    fn dot_git(&mut self, folder: &Path, found: &DotGit) {
        let path = folder.join(".git");
        match found {
            DotGit::Nothing => {
                self.mark(path, Kind::EmptyDirectory);
                self.no_bare(folder);
            }
            DotGit::Invalid => {
                self.mark(path, Kind::ReadOnly);
                self.no_bare(folder);
            }
            DotGit::Broken | DotGit::Repository(_) => self.hold(folder, found),
        }
    }

    /// Keeps a `.git` that is there as it is.
    fn hold(&mut self, folder: &Path, found: &DotGit) {
        let path = folder.join(".git");
        let link =
            fs::symlink_metadata(self.real.join(&path)).is_ok_and(|metadata| metadata.is_symlink());
        // A folder whose `.git` is a link is read-only itself: a link cannot be
        // mounted. Of the workspace's own the mount says so.
        if link && !folder.as_os_str().is_empty() {
            return self.mark(folder.into(), Kind::ReadOnly);
        }
        let kind = match found {
            DotGit::Nothing => Kind::Held,
            _ => Kind::ReadOnly,
        };
        self.mark(path, kind);
    }

    /// Keeps a folder without a valid `.git` from becoming a repository itself,
    /// for which git needs a file `HEAD` in it.
    fn no_bare(&mut self, folder: &Path) {
        let head = folder.join("HEAD");
        let there = fs::symlink_metadata(self.real.join(&head));
        let kind = match there {
            Ok(metadata) if !metadata.is_dir() => Kind::ReadOnly,
            Ok(_) if !repository::is_empty(&self.real.join(&head)) => Kind::ReadOnly,
            _ => Kind::EmptyDirectory,
        };
        self.mark(head, kind);
    }

    /// All folders of the workspace, the shallow ones first.
    fn below(&mut self) {
        let mut folders = VecDeque::from([PathBuf::new()]);
        let mut looked = 0;
        while let Some(folder) = folders.pop_front() {
            let Ok(listing) = self.list(&folder) else {
                continue;
            };
            let (mut below, mut names) = (Vec::new(), BTreeSet::new());
            for entry in listing {
                let Ok(entry) = entry else { continue };
                let name = OsStr::from_bytes(entry.file_name().to_bytes());
                if name == "." || name == ".." {
                    continue;
                }
                looked += 1;
                if looked > ENTRIES_MAX {
                    self.found.cut = Some(ENTRIES_MAX);
                    return;
                }
                let path = folder.join(name);
                if let ".git" | "HEAD" | "objects" | "refs" | "commondir" =
                    name.to_str().unwrap_or_default()
                {
                    names.insert(name.to_owned());
                }
                if name != ".git" && self.is_folder(&path, entry.file_type()) {
                    below.push(path);
                }
            }
            let has = |name: &str| names.contains(OsStr::new(name));
            let top = folder.as_os_str().is_empty();
            if !top && has(".git") {
                let real = self.real.join(&folder);
                let found = repository::dot_git(&real);
                self.hold(&folder, &found);
                if let DotGit::Repository(repository) = found {
                    self.look_into(repository);
                }
            }
            if !top && has("HEAD") && ((has("objects") && has("refs")) || has("commondir")) {
                self.mark(folder.clone(), Kind::ReadOnly);
                if let Some(bare) = Repository::of(self.real.join(&folder), None) {
                    self.look_into(bare);
                }
                continue;
            }
            folders.extend(below);
        }
    }

    fn list(&self, folder: &Path) -> rustix::io::Result<Dir> {
        Dir::new(open(
            self.workspace,
            folder,
            OFlags::RDONLY | OFlags::DIRECTORY,
        )?)
    }

    fn is_folder(&self, path: &Path, kind: FileType) -> bool {
        match kind {
            FileType::Directory => true,
            // Some file systems do not say.
            FileType::Unknown => {
                let stat = rustix::fs::statat(self.workspace, path, AtFlags::SYMLINK_NOFOLLOW);
                stat.is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Directory)
            }
            _ => false,
        }
    }

    /// All that git would obey of one repository.
    fn look_into(&mut self, repository: Repository) {
        if !self.seen.insert(repository.git_dir.clone()) {
            return;
        }
        for directory in [&repository.git_dir, &repository.common_dir] {
            for inside in self.inside(directory) {
                if !inside.as_os_str().is_empty() {
                    self.mark(inside, Kind::ReadOnly);
                }
            }
        }
        self.other_worktrees(&repository);
        let mut entries = Vec::new();
        for file in [
            repository.common_dir.join("config"),
            repository.common_dir.join("config.worktree"),
            repository.git_dir.join("config.worktree"),
        ] {
            self.read_config(&file, 0, &mut entries);
        }
        let mut tops: Vec<PathBuf> = repository.top.iter().cloned().collect();
        for entry in &entries {
            for named in names::named(entry, self.home()) {
                if let Named::WorkTree(path) = named {
                    tops.push(names::plain(&repository.git_dir.join(path)));
                }
            }
        }
        if tops.is_empty() {
            tops.push(repository.git_dir.clone());
        }
        self.obey(&entries, &tops);
        self.obey_user(&tops);
        let sha256 = entries.iter().any(|entry| {
            entry.section == "extensions"
                && entry.key == "objectformat"
                && entry.value.eq_ignore_ascii_case(b"sha256")
        });
        self.submodules(&repository.git_dir, &tops, if sha256 { 32 } else { 20 });
    }

    /// What a repository in the workspace knows of its work trees elsewhere,
    /// which seem to be gone to whoever does not see them.
    fn other_worktrees(&mut self, repository: &Repository) {
        let Ok(entries) = fs::read_dir(repository.common_dir.join("worktrees")) else {
            return;
        };
        for entry in entries.flatten() {
            for inside in self.inside(&entry.path()) {
                self.found.worktrees.insert(inside, Kind::ReadOnly);
            }
        }
    }

    /// The entries of a file and of those that it includes, which are kept as
    /// they are where they lie in the workspace.
    fn read_config(&mut self, file: &Path, depth: usize, entries: &mut Vec<Entry>) {
        if depth > INCLUDES_MAX || self.configs.len() >= CONFIGS_MAX {
            return;
        }
        let read = match self.configs.get(file) {
            Some(read) => read.clone(),
            None => {
                let text = repository::config(file).unwrap_or_default();
                let read = config::entries(&text);
                self.configs.insert(file.into(), read.clone());
                read
            }
        };
        for entry in read {
            for named in names::named(&entry, self.home()) {
                if let Named::Include(path) = named {
                    let beside = file.parent().unwrap_or(Path::new("/"));
                    let path = beside.join(path);
                    for inside in self.inside(&path) {
                        self.mark_named(&inside, Some(Kind::EmptyFile));
                    }
                    self.read_config(&path, depth + 1, entries);
                }
            }
            entries.push(entry);
        }
    }

    fn obey_user(&mut self, tops: &[PathBuf]) {
        let mut entries = Vec::new();
        for file in &self.settings.config {
            self.read_config(file, 0, &mut entries);
        }
        self.obey(&entries, tops);
    }

    /// Keeps the paths that entries name as they are.
    fn obey(&mut self, entries: &[Entry], tops: &[PathBuf]) {
        let home = self.home();
        for named in entries.iter().flat_map(|entry| names::named(entry, home)) {
            let (path, absent) = match named {
                Named::Programs(path) => (path, Some(Kind::EmptyDirectory)),
                Named::Word { path, runs: true } => (path, Some(Kind::EmptyDirectory)),
                Named::Word { path, runs: false } => (path, None),
                // Read before, or not a path of the work tree.
                Named::Include(_) | Named::WorkTree(_) => continue,
            };
            for top in tops {
                for inside in self.inside(&top.join(&path)) {
                    if !inside.as_os_str().is_empty() {
                        self.mark_named(&inside, absent);
                    } else if absent.is_some() {
                        self.found.whole = Some("git's configuration has programs run from it");
                    }
                }
            }
        }
    }

    /// Keeps folders of submodules without a repository from getting one.
    fn submodules(&mut self, git_dir: &Path, tops: &[PathBuf], hash: usize) {
        let mut files = vec![git_dir.join("index")];
        while let Some(file) = files.pop() {
            let Some(bytes) = repository::read(&file, repository::INDEX_MAX) else {
                continue;
            };
            let Ok(links) = index::links(&bytes, hash) else {
                // Git, too, makes nothing of it.
                continue;
            };
            let shared = links.shared.map(|name| git_dir.join(name));
            files.extend(shared.filter(|shared| *shared != file && files.is_empty()));
            for folder in &links.folders {
                for top in tops {
                    let path = top.join(OsStr::from_bytes(folder));
                    for inside in self.inside(&path) {
                        self.submodule(&inside);
                    }
                }
            }
        }
    }

    fn submodule(&mut self, folder: &Path) {
        let real = self.real.join(folder);
        if folder.as_os_str().is_empty() {
            return;
        }
        match fs::symlink_metadata(&real) {
            Ok(metadata) if metadata.is_dir() && !repository::is_empty(&real) => {
                let found = repository::dot_git(&real);
                self.dot_git(folder, &found);
                if let DotGit::Repository(repository) = found {
                    self.look_into(repository);
                }
            }
            _ => self.mark_named(folder, Some(Kind::EmptyDirectory)),
        }
    }

    /// Keeps a path as it is, whether it is there or, where `absent` says what
    /// takes its place, not. A plain word that happens to be a folder's name is none.
    fn mark_named(&mut self, path: &Path, absent: Option<Kind>) {
        let mut parts = path.components();
        let mut at = PathBuf::new();
        while let Some(part) = parts.next() {
            at.push(part);
            let last = parts.as_path().as_os_str().is_empty();
            match fs::symlink_metadata(self.real.join(&at)) {
                Err(_) => {
                    let kind = absent.map(|kind| if last { kind } else { Kind::EmptyDirectory });
                    kind.into_iter()
                        .for_each(|kind| self.mark(at.clone(), kind));
                    return;
                }
                // A link cannot be mounted, which says what has to change.
                Ok(metadata) if metadata.is_symlink() && absent.is_none() => return,
                Ok(metadata) if metadata.is_symlink() => return self.mark(at, Kind::ReadOnly),
                Ok(metadata) if last && metadata.is_dir() && absent.is_none() => return,
                Ok(_) if last => return self.mark(at, Kind::Held),
                Ok(metadata) if metadata.is_dir() => {}
                // A file where a directory would be.
                Ok(_) if absent.is_some() => return self.mark(at, Kind::ReadOnly),
                Ok(_) => return,
            }
        }
    }

    fn mark(&mut self, path: PathBuf, kind: Kind) {
        let held = self.found.marks.entry(path).or_insert(kind);
        // What is said twice holds for what is there.
        if kind == Kind::ReadOnly {
            *held = kind;
        }
    }

    /// Where a path of the host is in the workspace: as it is written, and where
    /// it leads by links.
    fn inside(&self, path: &Path) -> Vec<PathBuf> {
        let written = names::plain(path);
        let led = follow(path);
        let mut inside: Vec<PathBuf> = [Some(written), led]
            .into_iter()
            .flatten()
            .filter_map(|path| path.strip_prefix(self.real).ok().map(Into::into))
            .collect();
        inside.dedup();
        inside
    }

    fn home(&self) -> Option<&'a Path> {
        self.settings.home.as_deref()
    }
}

/// Where a path leads, the part of it that is there.
fn follow(path: &Path) -> Option<PathBuf> {
    let mut missing = Vec::new();
    for above in path.ancestors() {
        if let Ok(mut real) = above.canonicalize() {
            real.extend(missing.iter().rev());
            return Some(names::plain(&real));
        }
        missing.push(above.file_name()?);
    }
    None
}

/// Opens what is at a path in the workspace, following no link.
pub(super) fn open(
    workspace: impl AsFd,
    path: &Path,
    flags: OFlags,
) -> rustix::io::Result<OwnedFd> {
    let path = match path.as_os_str().is_empty() {
        true => Path::new("."),
        false => path,
    };
    loop {
        let opened = rustix::fs::openat2(
            &workspace,
            path,
            flags | OFlags::CLOEXEC,
            Mode::empty(),
            ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS,
        );
        // The kernel gives up when something on the way was renamed meanwhile.
        if !matches!(
            opened,
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR)
        ) {
            return opened;
        }
    }
}
