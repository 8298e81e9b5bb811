//! What a process that may write the workspace must not write: git's own data.
//!
//! Git executes what its configuration and its hooks say, and the host's user
//! runs git in the workspace later. So all that git would obey there is found
//! (`survey`), and mounted read-only over itself; a place where git looks and
//! finds nothing is taken by something empty (`absent`). The configuration and
//! the index are read here (`config`, `index`, `names`), because git itself would
//! execute what they say.
//!
//! A directory is mounted as a whole: a mount over a single file falls off when
//! somebody on the host puts another in its place, as git does at each change.

mod absent;
mod appeared;
mod arrange;
mod changed;
mod command;
mod config;
mod decisive;
mod index;
mod judge;
mod named;
mod names;
mod obedience;
mod options;
mod pieces;
mod programs;
mod remotes;
mod repository;
mod seen;
mod shapes;
mod shell;
mod shown;
mod substitution;
mod survey;
mod text_tools;
mod variables;
mod words;

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use rustix::fs::OFlags;
use rustix::io::Errno;

use self::absent::Placeholder;
pub(super) use self::appeared::Kept;
use self::appeared::Lookout;
pub(super) use self::arrange::Kind;
use self::arrange::{MOUNTS_MAX, arrange};
pub(crate) use self::obedience::{GitObeys, Obedience};
use self::seen::{Seen, seen};
pub use self::survey::GitSettings;
use self::survey::{Limits, Survey, survey};
use super::identity::{Identity, identity};
use super::inside::WORKSPACE;
use super::workspace_error::WorkspaceError;
use crate::policy::WorkspaceAccess;
use crate::workspace::Workspace;

/// A survey is used again for this many times what it took, so that no more
/// than a twentieth of the time goes into surveys.
const REUSE: u32 = 20;
/// But for no longer than this.
const REUSE_MAX: Duration = Duration::from_secs(2);

/// Directories of the host that are shown, each with what is mounted in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Root {
    /// The workspace.
    Workspace,
    /// The repository that it is a work tree of.
    Repository,
}

/// Something to mount.
#[derive(Debug)]
pub(super) struct Pin {
    /// What it lies in.
    pub(super) root: Root,
    /// Its path there.
    pub(super) path: PathBuf,
    pub(super) kind: Kind,
    /// What is mounted; `None` for what is empty.
    pub(super) file: Option<OwnedFd>,
    identity: Option<Identity>,
}

/// What a sandbox mounts of git's data, found and held open.
#[derive(Debug, Default)]
pub(super) struct Pins {
    /// In the order in which they are mounted.
    pub(super) list: Vec<Pin>,
    /// The workspace is read-only as a whole.
    pub(super) whole: bool,
    /// The repository outside, and its path on the host.
    pub(super) repository: Option<(OwnedFd, PathBuf)>,
    /// Paths that lead elsewhere, each with where.
    pub(super) links: Vec<(PathBuf, PathBuf)>,
    /// Git's data can be written.
    writes_git: bool,
    /// What has to stay as long as the sandbox.
    pub(super) kept: Kept,
}

/// All that distinguishes pins from others.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct PinsKey {
    list: Vec<(PathBuf, Kind, Option<Identity>)>,
    whole: bool,
    repository: Option<(Identity, PathBuf)>,
    links: Vec<(PathBuf, PathBuf)>,
}

/// The surveys of a workspace.
#[derive(Debug, Default)]
pub(super) struct Surveys {
    users: Vec<GitSettings>,
    /// What of the host no process writes.
    protected: Vec<PathBuf>,
    limits: Limits,
    last: Mutex<Option<Last>>,
    /// Begun when the workspace is to be written for the first time.
    lookout: OnceLock<Option<Lookout>>,
}

/// A look that takes less keeps nobody waiting.
const QUICK: Duration = Duration::from_millis(20);

#[derive(Debug)]
struct Last {
    survey: Survey,
    /// What lies at the places that matter most.
    seen: Seen,
    until: Instant,
    /// How long it took to find that.
    took: Duration,
}

/// The directory of a repository outside that a workspace is a work tree of, and
/// that says so itself.
pub(super) fn repository_outside(workspace: &Workspace) -> Option<PathBuf> {
    let shown = shown::of(&workspace.current_path().ok()?)?;
    Some(shown.directory)
}

impl Surveys {
    /// For what these users have set for git. What is `protected` is kept from being
    /// written, too, by whatever name of it lies in the workspace.
    pub(super) fn new(users: Vec<GitSettings>, protected: Vec<PathBuf>) -> Self {
        Self {
            users,
            protected,
            ..Self::default()
        }
    }

    /// Finds and opens what a sandbox with this access mounts. `owner` is whose
    /// what is made in the workspace will be, where that is not the host's user.
    pub(super) fn pins(
        &self,
        workspace: &Workspace,
        access: WorkspaceAccess,
        owner: Option<(u32, u32)>,
    ) -> Result<Pins, WorkspaceError> {
        if access == WorkspaceAccess::ReadOnly {
            let found = Survey {
                shown: shown::of(&current_path(workspace)?),
                ..Survey::default()
            };
            return open(workspace, &found, access, owner);
        }
        // Whoever may write git's own data may make repositories as well.
        let lookout = (access == WorkspaceAccess::ReadWrite)
            .then(|| {
                let begin = || Lookout::begin(workspace.file(), self.limits);
                self.lookout.get_or_init(begin).as_ref()
            })
            .flatten();
        let mut found = self.get(workspace)?;
        let mut opened = open(workspace, &found, access, owner);
        if let Err(WorkspaceError::Pin { .. }) = opened {
            // Something was changed since the survey.
            self.forget();
            found = self.get(workspace)?;
            opened = open(workspace, &found, access, owner);
        }
        let mut pins = opened?;
        if let Some(lookout) = lookout {
            pins.kept.writing = Some(lookout.writing(&found));
        }
        Ok(pins)
    }

    /// Looks a last time for repositories that have appeared.
    pub(super) fn finish(&self) {
        if let Some(Some(lookout)) = self.lookout.get() {
            lookout.finish();
        }
    }

    /// Whether what such a sandbox mounts is found soon: another look may take seconds.
    pub(super) fn is_quick(&self, workspace: &Workspace, access: WorkspaceAccess) -> bool {
        let quick = |last: &Last| {
            last.took < QUICK || last.until > Instant::now() && last.seen == seen(workspace)
        };
        let quick = || Some(self.last.try_lock().ok()?.as_ref().is_some_and(quick));
        access == WorkspaceAccess::ReadOnly || quick() == Some(true)
    }

    fn get(&self, workspace: &Workspace) -> Result<Survey, WorkspaceError> {
        let seen = seen(workspace);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = &*last
            && last.until > Instant::now()
            && last.seen == seen
        {
            return Ok(last.survey.clone());
        }
        let began = Instant::now();
        let real = current_path(workspace)?;
        let mut found = survey(
            workspace.directory(),
            &real,
            &self.users,
            &self.protected,
            self.limits,
        );
        if let Some(last) = &*last {
            found.keep_known(workspace.directory(), &last.survey);
        }
        let took = began.elapsed();
        let told = last.as_ref().is_some_and(|last| last.survey.cut.is_some());
        if let (Some(entries), false) = (found.cut, told) {
            tracing::warn!(
                entries,
                "the workspace has too many files to look through: repositories among the rest \
                 are not kept from being changed"
            );
        }
        let before = last.as_ref().map(|last| &last.survey);
        for folder in &found.closed {
            if before.is_none_or(|before| !before.closed.contains(folder)) {
                tracing::warn!(
                    folder = %folder.display(),
                    "a folder of the workspace is read-only to processes without workspace:git: the \
                     index of its repository cannot be read, or names too much"
                );
            }
        }
        if let Some(because) = &found.whole
            && before.is_none_or(|before| before.whole != found.whole)
        {
            tracing::warn!(
                because,
                "the workspace is read-only to processes without workspace:git"
            );
        }
        *last = Some(Last {
            survey: found.clone(),
            seen,
            took,
            until: Instant::now() + (took * REUSE).min(REUSE_MAX),
        });
        Ok(found)
    }

    fn forget(&self) {
        // What it knows may have to be kept.
        if let Some(last) = &mut *self.last.lock().unwrap_or_else(PoisonError::into_inner) {
            last.until = Instant::now();
        }
    }
}

/// The path that it has on the host now.
fn current_path(workspace: &Workspace) -> Result<PathBuf, WorkspaceError> {
    let path = workspace.current_path();
    path.map_err(WorkspaceError::open(workspace.path()))
}

/// Opens what was found.
fn open(
    workspace: &Workspace,
    found: &Survey,
    access: WorkspaceAccess,
    owner: Option<(u32, u32)>,
) -> Result<Pins, WorkspaceError> {
    let mut pins = Pins {
        writes_git: access.writes_git(),
        ..Pins::default()
    };
    let none = BTreeMap::new();
    if let (WorkspaceAccess::ReadWrite, Some(because)) = (access, found.refused) {
        return Err(WorkspaceError::Unknown { because });
    }
    let marks = match access {
        WorkspaceAccess::ReadOnly => &none,
        WorkspaceAccess::ReadWrite if found.whole.is_some() => {
            pins.whole = true;
            &none
        }
        WorkspaceAccess::ReadWrite => &found.marks,
        WorkspaceAccess::ReadWriteGit => &found.worktrees,
    };
    let mounts = arrange(marks).map_err(|count| WorkspaceError::TooMany {
        count,
        limit: MOUNTS_MAX,
    })?;
    for (path, kind) in mounts {
        pins.add(Root::Workspace, workspace.file(), path, kind, owner)?;
    }
    if let Some(shown) = &found.shown {
        pins.show(shown, access)?;
    }
    Ok(pins)
}

impl Pins {
    fn add(
        &mut self,
        root: Root,
        directory: &OwnedFd,
        path: PathBuf,
        kind: Kind,
        owner: Option<(u32, u32)>,
    ) -> Result<(), WorkspaceError> {
        let failed = |errno: Errno| WorkspaceError::Pin {
            what: path.display().to_string(),
            source: errno.into(),
        };
        let (file, identity) = match kind {
            Kind::EmptyDirectory | Kind::EmptyFile => {
                let taken = Placeholder::take(directory, &path, kind, owner);
                let Some(taken) = taken.map_err(failed)? else {
                    return Ok(());
                };
                let identity = taken.identity();
                self.kept.placeholders.push(taken);
                (None, identity)
            }
            Kind::Held => {
                // A lock needs a file that is open for reading.
                let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY;
                let file = match survey::open(directory, &path, flags) {
                    Err(Errno::ACCESS | Errno::NXIO) => {
                        survey::open(directory, &path, OFlags::PATH)
                    }
                    file => file,
                };
                let file = file.map_err(failed)?;
                let identity = identity(&file).map_err(failed)?;
                let kept = Placeholder::keep(directory, &path, &file).map_err(failed)?;
                self.kept.placeholders.extend(kept);
                (Some(file), identity)
            }
            Kind::Anchor | Kind::ReadOnly => {
                let file = survey::open(directory, &path, OFlags::PATH).map_err(failed)?;
                let identity = identity(&file).map_err(failed)?;
                (Some(file), identity)
            }
        };
        self.list.push(Pin {
            root,
            path,
            kind,
            file,
            identity: Some(identity),
        });
        Ok(())
    }

    /// Shows the repository outside. It is written only by who may write git's
    /// data, and what it knows of other work trees by nobody.
    fn show(
        &mut self,
        shown: &shown::Shown,
        access: WorkspaceAccess,
    ) -> Result<(), WorkspaceError> {
        let failed = |errno: Errno| WorkspaceError::Pin {
            what: shown.directory.display().to_string(),
            source: errno.into(),
        };
        let flags = OFlags::PATH | OFlags::DIRECTORY;
        let below = shown
            .directory
            .strip_prefix("/")
            .unwrap_or(&shown.directory);
        let root = rustix::fs::open("/", flags | OFlags::CLOEXEC, rustix::fs::Mode::empty());
        let directory = root
            .and_then(|root| survey::open(root, below, flags))
            .map_err(failed)?;
        if access == WorkspaceAccess::ReadWriteGit {
            let others = shown
                .others
                .iter()
                .map(|path| (path.clone(), Kind::ReadOnly));
            let mounts = arrange(&others.collect()).map_err(|count| WorkspaceError::TooMany {
                count,
                limit: MOUNTS_MAX,
            })?;
            for (path, kind) in mounts {
                self.add(Root::Repository, &directory, path, kind, None)?;
            }
        }
        self.links.clone_from(&shown.links);
        self.repository = Some((directory, shown.directory.clone()));
        Ok(())
    }

    /// Whether git writes its data, but for that of some work trees.
    pub(super) fn keeps_worktrees(&self) -> bool {
        self.writes_git && !self.list.is_empty()
    }

    /// What distinguishes these.
    pub(super) fn key(&self) -> PinsKey {
        let one = |pin: &Pin| (pin.path.clone(), pin.kind, pin.identity);
        let repository = self.repository.as_ref();
        let shown = |(file, path): &(OwnedFd, PathBuf)| Some((identity(file).ok()?, path.clone()));
        PinsKey {
            list: self.list.iter().map(one).collect(),
            whole: self.whole,
            repository: repository.and_then(shown),
            links: self.links.clone(),
        }
    }

    /// Where processes see what lies at a path of a root.
    pub(super) fn place(&self, root: Root, path: &Path) -> PathBuf {
        match (root, &self.repository) {
            (Root::Repository, Some((_, place))) => place.join(path),
            (Root::Repository | Root::Workspace, _) => Path::new(WORKSPACE).join(path),
        }
    }
}
