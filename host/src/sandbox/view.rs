//! What the sandbox shows of the host, and where a path of the sandbox leads in it.
//!
//! A path is walked once, by descriptors: each part is opened beneath the one
//! before, links are read and never followed by the kernel, and what is judged is
//! the file that is open at the end. Whoever swaps a link or a directory meanwhile
//! changes where the walk leads, and not what was judged.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{CWD, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::identity::Identity;
use super::inside::PATH;

/// As many links on one path as the kernel follows.
const MOST_LINKS: u32 = 40;
/// The deepest directory that a walk reaches. Each is open until the walk ends.
const DEEPEST: usize = 128;

/// The sandbox's view: which of its paths exist, and where they are on the host.
#[derive(Debug)]
pub(super) struct View {
    /// Paths that are the same inside and outside, and that no process can change.
    system: Vec<PathBuf>,
    /// The same, but a process may be able to: some sandbox's workspace may hold
    /// them, or lie in them.
    further: Vec<PathBuf>,
    workspace: OwnedFd,
    /// The workspace has an inside path, and perhaps others by way of `system`.
    workspace_identity: Identity,
    /// Where the sandbox has it.
    workspace_inside: PathBuf,
    /// Where programs are looked up.
    path: Vec<PathBuf>,
    /// Links that are made with the sandbox, each with where it leads.
    links: Vec<(PathBuf, PathBuf)>,
    /// The workspace's path on the host, where nothing leads to it.
    hidden: Option<PathBuf>,
}

/// Where a path leads.
#[derive(Debug)]
pub(super) struct Found {
    /// The path without links, as the sandbox has it.
    pub(super) real: PathBuf,
    /// What is there, opened only to refer to it.
    pub(super) file: Arc<OwnedFd>,
    pub(super) stat: Stat,
    /// What of the way to it a process may be able to change.
    pub(super) changeable: Changeable,
}

/// What of the way to a file a process may be able to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Changeable {
    Nothing,
    /// Where links lead, but not what is at the real path.
    Links,
    /// What is at the real path.
    Real,
}

/// Why a path leads to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lost {
    /// The sandbox shows nothing there, or the links go in a circle.
    NotShown,
    Missing,
    /// Something on the way is no directory.
    NotADirectory,
    Open(Errno),
}

/// A part of a walk that is not a link.
#[derive(Debug)]
struct Step {
    /// `None` for a directory that only leads to what is shown.
    opened: Option<(Arc<OwnedFd>, Stat)>,
    changeable: bool,
}

/// What lies at one path inside.
enum Part {
    Step(Step),
    Link { target: PathBuf, changeable: bool },
}

/// Something that the sandbox shows as a whole.
#[derive(Clone, Copy)]
struct Area<'a> {
    inside: &'a Path,
    is_workspace: bool,
    /// A process may be able to change it.
    is_changeable: bool,
}

impl<'a> Area<'a> {
    fn new(inside: &'a Path, is_workspace: bool, is_changeable: bool) -> Self {
        Self {
            inside,
            is_workspace,
            is_changeable,
        }
    }
}

impl View {
    pub(super) fn new(
        system: Vec<PathBuf>,
        further: Vec<PathBuf>,
        workspace: OwnedFd,
        workspace_inside: PathBuf,
    ) -> io::Result<Self> {
        let stat = rustix::fs::fstat(&workspace)?;
        Ok(Self {
            system,
            further,
            workspace,
            workspace_identity: (stat.st_dev, stat.st_ino),
            workspace_inside,
            path: PATH.map(PathBuf::from).into(),
            links: Vec::new(),
            hidden: None,
        })
    }

    /// The same, with programs looked up in these directories before.
    pub(super) fn with_path(mut self, before: &[PathBuf]) -> Self {
        self.path = before.iter().cloned().chain(self.path).collect();
        self
    }

    /// The same, with these links, which are made with the sandbox.
    pub(super) fn with_links(mut self, links: Vec<(PathBuf, PathBuf)>) -> Self {
        self.links = links;
        self
    }

    /// The same, for a workspace that has this path on the host, and another here.
    pub(super) fn hiding(mut self, workspace: &Path) -> Self {
        self.hidden = Some(workspace.to_owned());
        self
    }

    /// Whether a path is the workspace's on the host, or below, where nothing leads to it.
    pub(super) fn is_hidden_workspace(&self, path: &Path) -> bool {
        let hidden = self.hidden.as_ref();
        hidden.is_some_and(|hidden| path.starts_with(hidden))
    }

    /// Where programs are looked up, the first directory first.
    pub(super) fn path(&self) -> &[PathBuf] {
        &self.path
    }

    /// Where the sandbox has the workspace.
    pub(super) fn workspace_inside(&self) -> &Path {
        &self.workspace_inside
    }

    /// Follows an absolute path as the sandbox would, which may not be as the host
    /// would: an absolute link in the workspace leads to the sandbox's root.
    pub(super) fn walk(&self, path: &Path) -> Result<Found, Lost> {
        let (mut real, mut rest) = (PathBuf::from("/"), parts(path));
        self.follow(&mut real, &mut rest)
    }

    /// Where a path leads that is not shown, by what the sandbox itself shows: whether
    /// something is there, it does not tell. `None` where it leads to what is shown.
    pub(super) fn unshown(&self, path: &Path) -> Option<PathBuf> {
        let (mut real, mut rest) = (PathBuf::from("/"), parts(path));
        let lost = self.follow(&mut real, &mut rest).err()?;
        let at: PathBuf = [real]
            .into_iter()
            .chain(rest.into_iter().map(Into::into))
            .collect();
        let is_plain = at.components().all(|part| part != Component::ParentDir);
        let is_unshown = lost == Lost::NotShown && is_plain && self.area(&at).is_none();
        is_unshown.then_some(at)
    }

    /// Follows the parts that are left. What is left at an error is behind `real`.
    fn follow(&self, real: &mut PathBuf, rest: &mut VecDeque<OsString>) -> Result<Found, Lost> {
        let mut steps: Vec<Step> = Vec::new();
        let mut links = 0;
        let mut has_touched = false;
        while let Some(part) = rest.pop_front() {
            if part == ".." {
                if steps.pop().is_some_and(|step| !step.is_directory()) {
                    return Err(Lost::NotADirectory);
                }
                real.pop();
                continue;
            }
            real.push(&part);
            match self.part(real, &part, steps.last())? {
                Part::Step(step) => {
                    if steps.len() == DEEPEST {
                        return Err(Lost::Open(Errno::NAMETOOLONG));
                    }
                    has_touched |= step.changeable;
                    steps.push(step);
                }
                Part::Link { target, changeable } => {
                    has_touched |= changeable;
                    links += 1;
                    if links > MOST_LINKS {
                        return Err(Lost::NotShown);
                    }
                    real.pop();
                    if target.is_absolute() {
                        *real = PathBuf::from("/");
                        steps.clear();
                    }
                    for part in parts(&target).into_iter().rev() {
                        rest.push_front(part);
                    }
                }
            }
        }
        let changeable = if steps.iter().any(|step| step.changeable) {
            Changeable::Real
        } else if has_touched {
            Changeable::Links
        } else {
            Changeable::Nothing
        };
        let last = steps.pop().and_then(|step| step.opened);
        let (file, stat) = last.ok_or(Lost::NotShown)?;
        Ok(Found {
            real: real.clone(),
            file,
            stat,
            changeable,
        })
    }

    /// What lies at `real`, whose last part is `name`, beneath `parent`.
    fn part(&self, real: &Path, name: &OsStr, parent: Option<&Step>) -> Result<Part, Lost> {
        if let Some((_, target)) = self.links.iter().find(|(at, _)| at == real) {
            // Nothing has run there yet that could have replaced it.
            return Ok(Part::Link {
                target: target.clone(),
                changeable: false,
            });
        }
        let Some(area) = self.area(real) else {
            return Ok(Part::Step(Step {
                opened: None,
                changeable: false,
            }));
        };
        let is_root = real == area.inside;
        let file = if is_root {
            self.open(area)?
        } else if let Some(parent) = parent {
            let (parent, _) = parent.opened.as_ref().ok_or(Lost::NotShown)?;
            open_at(parent, name)?
        } else {
            // Only the root itself has no part of its own.
            open_at(self.open(area)?, name)?
        };
        let stat = rustix::fs::fstat(&file).map_err(Lost::Open)?;
        let changeable = area.is_changeable
            || (stat.st_dev, stat.st_ino) == self.workspace_identity
            || (!is_root && parent.is_some_and(|parent| parent.changeable));
        if FileType::from_raw_mode(stat.st_mode) == FileType::Symlink {
            let target = rustix::fs::readlinkat(&file, "", Vec::new()).map_err(Lost::Open)?;
            let target = PathBuf::from(OsString::from_vec(target.into_bytes()));
            return Ok(Part::Link { target, changeable });
        }
        Ok(Part::Step(Step {
            opened: Some((Arc::new(file), stat)),
            changeable,
        }))
    }

    /// The innermost area that a path lies in.
    fn area(&self, path: &Path) -> Option<Area<'_>> {
        let system = self.system.iter().map(|at| Area::new(at, false, false));
        let further = self.further.iter().map(|at| Area::new(at, false, true));
        // Of those at the same path, the last is one that can be changed.
        system
            .chain(further)
            .chain([Area::new(&self.workspace_inside, true, true)])
            .filter(|area| path.starts_with(area.inside))
            .max_by_key(|area| area.inside.as_os_str().len())
    }

    fn open(&self, area: Area<'_>) -> Result<OwnedFd, Lost> {
        if area.is_workspace {
            return rustix::io::fcntl_dupfd_cloexec(&self.workspace, 0).map_err(Lost::Open);
        }
        open_at(CWD, area.inside.as_os_str())
    }
}

impl Step {
    fn is_directory(&self) -> bool {
        self.opened
            .as_ref()
            .is_none_or(|(_, stat)| FileType::from_raw_mode(stat.st_mode) == FileType::Directory)
    }
}

/// Opens an entry, a link as itself, only to refer to it: that neither blocks
/// nor does anything to what is there.
fn open_at(directory: impl std::os::fd::AsFd, name: &OsStr) -> Result<OwnedFd, Lost> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(directory, name, flags, Mode::empty()).map_err(|errno| match errno {
        Errno::NOENT => Lost::Missing,
        Errno::NOTDIR => Lost::NotADirectory,
        errno => Lost::Open(errno),
    })
}

fn parts(path: &Path) -> VecDeque<OsString> {
    path.components()
        .filter_map(|component| match component {
            Component::Normal(part) => Some(part.to_owned()),
            Component::ParentDir => Some("..".into()),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
        })
        .collect()
}
