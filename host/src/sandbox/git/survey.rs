//! Finds all that git would obey in a workspace: repositories, the paths that
//! their configuration names, the folders of their submodules, and the places
//! where there is no repository yet.
//!
//! Only looks, by the path that the workspace has now. What is found is opened
//! beneath the workspace's descriptor afterwards, where nothing leads out.

mod beneath;
mod commands;
mod dot_git;
mod hard_links;
mod known;
mod limits;
mod links;
mod obeyed;
mod submodules;
#[cfg(test)]
mod tests;
mod work_trees;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ffi::OsStr;
use std::fs;
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::unistd::User;
use rustix::fs::OFlags;

use self::beneath::is_folder;
pub(super) use self::beneath::{is_gone, list, open};
pub(super) use self::hard_links::Walks;
pub(super) use self::limits::Limits;
use self::work_trees::Places;
use super::arrange::Kind;
use super::changed::Changed;
use super::config::Entry;
use super::index::{Links, Unreadable};
use super::names::{self, Homes, Named};
use super::repository::{self, DotGit, Repository};
use super::shown::{self, Shown};
use crate::sandbox::identity::Identity;
use crate::sandbox::inside::WORKSPACE;

/// The longest path that is mounted: the kernel's limit, without what whoever mounts
/// puts before it.
const PATH_MAX: usize = 4096 - 128;
/// The most folders on the way to what is mounted: each of them takes a mount, and there are
/// [`MOUNTS_MAX`](super::arrange::MOUNTS_MAX).
const DEPTH_MAX: usize = 64;

/// What a user has set for git, beside what lies in repositories.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GitSettings {
    /// Files of configuration that hold for every repository, such as
    /// `~/.gitconfig` and `/etc/gitconfig`. Those that are missing are none.
    pub config: Vec<PathBuf>,
    /// What `~` stands for in them; without it such paths are left out.
    pub home: Option<PathBuf>,
    /// Further settings, such as those of git's variables, each with its key as
    /// `git -c` takes it.
    pub values: Vec<(String, String)>,
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
    pub(super) whole: Option<String>,
    /// Why nothing can be written at all: what git would obey is not known.
    pub(super) refused: Option<&'static str>,
    /// Folders that are read-only as a whole because an index there could not be
    /// read.
    pub(super) closed: BTreeSet<PathBuf>,
    /// The repository outside that the workspace is a work tree of.
    pub(super) shown: Option<Shown>,
    /// The folders below the top that are repositories, or have one.
    pub(super) repositories: BTreeSet<PathBuf>,
    /// Folders that cannot be looked into.
    pub(super) hidden: BTreeSet<PathBuf>,
    /// All folders that were looked into, each with when it was changed.
    pub(super) folders: Arc<BTreeMap<PathBuf, Changed>>,
    /// How many entries were looked at when there were too many.
    pub(super) cut: Option<usize>,
}

/// Looks through the workspace, which is open and lies at `real`, for what git obeys by
/// what these users have set. What is `protected` of the host is kept there like that.
pub(super) fn survey(
    workspace: BorrowedFd<'_>,
    real: &Path,
    users: &[GitSettings],
    protected: &[PathBuf],
    limits: Limits,
) -> Survey {
    let mut surveyor = Surveyor::new(real, users, limits, Depth::Repositories);
    for file in protected {
        surveyor.has_names(file);
    }
    surveyor.around();
    surveyor.top();
    surveyor.below(workspace);
    surveyor.other_names(workspace);
    surveyor.found
}

/// Looks for what lies in a folder and is named by the configuration or the hooks of
/// a repository around it, or by the user's configuration.
pub(super) fn survey_names(
    folder: BorrowedFd<'_>,
    real: &Path,
    users: &[GitSettings],
    limits: Limits,
    walks: &Walks,
) -> Survey {
    let mut surveyor = Surveyor::new(real, users, limits, Depth::Names);
    surveyor.around();
    surveyor.obey_user_anywhere();
    surveyor.other_names_within(folder, walks);
    surveyor.found
}

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// The paths that git's configuration and hooks name.
    Names,
    /// Further repositories as well, and where they may come to be.
    Repositories,
}

struct Surveyor<'a> {
    real: &'a Path,
    users: &'a [GitSettings],
    /// The homes that a path may mean, of those who run git.
    homes: Vec<Homes<'a>>,
    limits: Limits,
    depth: Depth,
    found: Survey,
    /// The work trees that were looked at, by the directory of each and its top.
    seen: BTreeSet<(PathBuf, Option<PathBuf>)>,
    /// The directories that those share.
    shared: BTreeSet<PathBuf>,
    /// How many linked work trees there were.
    trees: usize,
    /// The directories of repositories whose links were followed.
    followed: BTreeSet<PathBuf>,
    /// Repositories that are to be looked at.
    waiting: Vec<Repository>,
    /// One is being looked at.
    looking: bool,
    /// It is in a repository, or one itself.
    in_repository: bool,
    /// The configurations that were read.
    configs: BTreeMap<PathBuf, Rc<Vec<Entry>>>,
    /// The entries of the user's own.
    user: Option<Rc<Vec<Entry>>>,
    /// The indexes that were read, by their identity and the size of a hash.
    indexes: BTreeMap<(u64, u64, usize), Rc<Result<Links, Unreadable>>>,
    index_bytes: u64,
    config_bytes: usize,
    /// The paths of the host that were kept.
    kept: BTreeSet<(PathBuf, Option<Kind>)>,
    /// The files among what has to stay that have other names, each with a name.
    linked: BTreeMap<Identity, PathBuf>,
    /// The device of everything in the workspace, once that was asked for.
    device: Option<Option<u64>>,
    /// How many entries of git's own folders were looked at.
    listed: usize,
    until: Instant,
}

impl<'a> Surveyor<'a> {
    fn new(real: &'a Path, users: &'a [GitSettings], limits: Limits, depth: Depth) -> Self {
        let of = |name: &str| Some(User::from_name(name).ok()??.dir);
        let homes = users.iter().filter_map(|user| user.home.as_deref());
        let mut homes: Vec<_> = homes.map(|own| Homes { own: Some(own), of }).collect();
        if homes.is_empty() {
            homes.push(Homes { own: None, of });
        }
        Self {
            real,
            users,
            homes,
            limits,
            depth,
            found: Survey::default(),
            seen: BTreeSet::new(),
            shared: BTreeSet::new(),
            trees: 0,
            followed: BTreeSet::new(),
            waiting: Vec::new(),
            looking: false,
            in_repository: false,
            configs: BTreeMap::new(),
            user: None,
            indexes: BTreeMap::new(),
            index_bytes: 0,
            config_bytes: 0,
            kept: BTreeSet::new(),
            linked: BTreeMap::new(),
            device: None,
            listed: 0,
            until: Instant::now() + limits.time,
        }
    }

    /// What the workspace lies in.
    fn around(&mut self) {
        if self
            .real
            .components()
            .any(|part| part.as_os_str() == ".git")
        {
            self.found.whole = Some("it lies in a `.git`".into());
        }
        let above: Vec<PathBuf> = self.real.ancestors().skip(1).map(Into::into).collect();
        for folder in above {
            if let Some(repository) = Repository::of(folder.clone(), None) {
                self.found.whole = Some("it lies in the directory of a repository".into());
                self.look_into(repository);
            }
            if let DotGit::Repository(repository) = repository::dot_git(&folder) {
                self.in_repository = true;
                self.look_into(repository);
            }
        }
        for file in self.users.iter().flat_map(|user| &user.config) {
            self.keep(file, Some(Kind::EmptyFile));
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
                self.in_repository = true;
                self.look_into(repository);
            }
            DotGit::Broken => {}
            DotGit::Nothing | DotGit::Invalid => {
                if let Some(bare) = Repository::of(real, None) {
                    self.found.whole = Some("it is the directory of a repository".into());
                    self.look_into(bare);
                }
            }
        }
        // Configuration that is the user's holds for what has no repository yet, too.
        self.obey_user(&Places::of(self.real.to_path_buf()));
        self.obey_user_wherever();
    }

    /// All folders of the workspace, the shallow ones first.
    fn below(&mut self, workspace: BorrowedFd<'_>) {
        let mut all = BTreeMap::new();
        self.walk(workspace, &mut all);
        self.found.folders = Arc::new(all);
    }

    fn walk(&mut self, workspace: BorrowedFd<'_>, all: &mut BTreeMap<PathBuf, Changed>) {
        let mut folders = VecDeque::from([PathBuf::new()]);
        let mut looked = 0;
        let mut walked = Duration::ZERO;
        while let Some(folder) = folders.pop_front() {
            if !self.goes_on() {
                return;
            }
            let began = Instant::now();
            if walked > self.limits.walk {
                self.found.cut = Some(looked);
                return;
            }
            let listing = match list(workspace, &folder) {
                Ok(listing) => listing,
                Err(error) if is_gone(error) => continue,
                Err(_) => {
                    self.close(workspace, &folder);
                    continue;
                }
            };
            all.insert(folder.clone(), Changed::of(&listing));
            let (mut below, mut names) = (Vec::new(), BTreeSet::new());
            for entry in listing {
                let Ok(entry) = entry else { continue };
                let name = OsStr::from_bytes(entry.file_name().to_bytes());
                if name == "." || name == ".." {
                    continue;
                }
                looked += 1;
                if looked > self.limits.entries {
                    self.found.cut = Some(self.limits.entries);
                    return;
                }
                let path = folder.join(name);
                if let ".git" | "HEAD" | "objects" | "refs" | "commondir" =
                    name.to_str().unwrap_or_default()
                {
                    names.insert(name.to_owned());
                }
                if name != ".git" && is_folder(workspace, &path, entry.file_type()) {
                    below.push(path);
                }
            }
            walked += began.elapsed();
            self.until += began.elapsed();
            if self.depth == Depth::Names {
                folders.extend(below);
                continue;
            }
            let has = |name: &str| names.contains(OsStr::new(name));
            let top = folder.as_os_str().is_empty();
            if !top && has(".git") {
                let real = self.real.join(&folder);
                let found = repository::dot_git(&real);
                self.hold(&folder, &found);
                if !matches!(found, DotGit::Nothing) {
                    self.found.repositories.insert(folder.clone());
                }
                if let DotGit::Repository(repository) = found {
                    self.look_into(repository);
                }
            }
            if !top && has("HEAD") && ((has("objects") && has("refs")) || has("commondir")) {
                self.mark(folder.clone(), Kind::ReadOnly);
                self.found.repositories.insert(folder.clone());
                if let Some(bare) = Repository::of(self.real.join(&folder), None) {
                    self.look_into(bare);
                }
                continue;
            }
            folders.extend(below);
        }
    }

    /// Keeps a folder as it is that cannot be looked into: what it hides may be
    /// shown by whoever may change its mode.
    fn close(&mut self, workspace: BorrowedFd<'_>, folder: &Path) {
        self.found.hidden.insert(folder.into());
        let there = |path: &&Path| {
            !path.as_os_str().is_empty() && open(workspace, path, OFlags::PATH).is_ok()
        };
        match folder.ancestors().find(there) {
            Some(path) => self.mark(path.into(), Kind::ReadOnly),
            None => self.found.whole = Some("its folders cannot be listed".into()),
        }
    }

    /// Whether there is time left.
    fn goes_on(&mut self) -> bool {
        if Instant::now() > self.until {
            self.found.refused = Some("looking for all that git obeys takes too long");
        }
        self.found.refused.is_none()
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
                Ok(metadata) if metadata.is_symlink() && absent.is_none() => return,
                Ok(metadata) if metadata.is_symlink() => return self.mark_link(at),
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
        // What is too deep to be mounted is kept by a folder around it.
        let before = self.real.as_os_str().len().max(WORKSPACE.len());
        let fits = |path: &&Path| {
            before + path.as_os_str().len() < PATH_MAX && path.components().count() <= DEPTH_MAX
        };
        let (path, kind) = match path.ancestors().find(fits) {
            Some(same) if same == path => (path, kind),
            Some(around) if !around.as_os_str().is_empty() => (around.into(), Kind::ReadOnly),
            _ => {
                self.found.whole = Some("its folders lie too deep in each other".into());
                return;
            }
        };
        let held = self.found.marks.entry(path).or_insert(kind);
        // What is said twice holds for what is there.
        if kind == Kind::ReadOnly {
            *held = kind;
        }
    }

    /// What an entry names for any of those who run git.
    fn named(&self, entry: &Entry) -> BTreeSet<Named> {
        let named = self
            .homes
            .iter()
            .flat_map(|homes| names::named(entry, *homes));
        named.collect()
    }
}
