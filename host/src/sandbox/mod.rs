//! Sandboxes: the one place where processes start.
//!
//! [`Sandbox`] belongs to a workspace. It builds each process a sandbox of its
//! own by bubblewrap, whose arguments are data (`plan`), and runs the init
//! inside (`order` says what, `status` what came of it). Nothing starts
//! before [`Sandbox::probe`] has seen a sandbox with the same arguments refuse
//! what it has to refuse.
//!
//! Where the operator has chosen another [`SandboxBackend`], nothing is built:
//! the init is started as it is (`direct`), and puts the command under Landlock
//! (`ruleset`), or under nothing.
//!
//! What lives and dies here ends in one of three ways: the init ends everything when
//! the control socket is closed, the kernel ends everything when the init ends,
//! and the thread in `launcher` ends the builder when neither happened.
//!
//! A host that is root starts no process as root where it can be avoided: it
//! takes the workspace's owner, or, where that is root, the user of `mapping`.
//!
//! This module must never know who asks or why: that is for
//! [`crate::policy`], and [`crate::process`] supervises what was started.

mod bubblewrap;
mod cgroup;
mod construct;
mod control;
mod detect;
mod direct;
mod directory;
mod further;
mod git;
mod home;
mod identity;
mod inside;
#[cfg(target_arch = "x86_64")]
mod landlock;
mod launch;
mod launcher;
mod mapping;
mod memory_file;
mod order;
mod plan;
mod probe;
mod process;
mod program;
mod report;
mod ruleset;
mod script;
#[cfg(target_arch = "x86_64")]
mod seccomp;
mod settings;
mod standby;
mod start;
mod status;
mod usage;
mod view;
mod worker;
mod workspace_error;

use std::ffi::OsString;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

pub(crate) use boll_init::wire::MESSAGE_BYTES;
use boll_init::{PROGRAM as INIT, wire};
use rustix::fs::{Mode, OFlags};

use self::bubblewrap::Bubblewrap;
use self::cgroup::Cgroups;
pub(crate) use self::cgroup::TreeLimits;
pub use self::cgroup::{TreeLimit, enter_leaf_cgroup};
pub(crate) use self::construct::Ends;
pub(crate) use self::control::{Control, Stdio};
pub(crate) use self::directory::DirectoryError;
use self::further::Further;
pub use self::git::GitSettings;
use self::git::Surveys;
pub(crate) use self::git::{GitObeys, Obedience};
use self::home::Homes;
pub(crate) use self::inside::PATH;
pub(crate) use self::launcher::Child;
use self::launcher::Launcher;
#[cfg(test)]
pub(crate) use self::mapping::ID as MAPPED_ID;
use self::mapping::Mapping;
pub(crate) use self::order::{KernelLimit, Order, Place};
use self::plan::{Shape, SystemDirectory};
pub use self::program::ProgramError;
pub use self::report::{SandboxReport, SandboxStatus, Weakness};
pub use self::script::{Exchange, Script, ScriptFault, ScriptedEnd, ScriptedProcess};
pub use self::settings::{SandboxBackend, SandboxSettings};
pub use self::start::LaunchError;
pub(crate) use self::start::Prepared;
pub(crate) use self::status::{End, Message};
pub use self::status::{LaunchStep, Usage};
use self::view::View;
pub use self::worker::{Worker, WorkerError, WorkerExit, WorkerLimits, WorkerStop, serve_worker};
pub use self::workspace_error::WorkspaceError;
use crate::policy::{Confinement, ResolvedProgram};
use crate::workspace::Workspace;

/// There is no filter for other processors yet, and so no sandbox.
#[cfg(not(target_arch = "x86_64"))]
mod seccomp {
    pub(super) enum Around {
        Namespaces,
        Host(crate::policy::Access),
    }

    pub(super) fn program(_: Around) -> Result<&'static [u8], String> {
        Err("there is none for this processor".into())
    }
}

/// The same for Landlock.
#[cfg(not(target_arch = "x86_64"))]
mod landlock {
    pub(super) fn version() -> std::io::Result<u32> {
        Err(std::io::ErrorKind::Unsupported.into())
    }
}

/// What an operator does when the host may make no control groups.
pub const HOW_TO_DELEGATE: &str = "run the host in a delegated control group: `systemd-run \
                                   --user --scope -p Delegate=yes COMMAND` starts a command in \
                                   one (as root without --user); a service of systemd needs \
                                   Delegate=yes";

/// A program that builds sandboxes.
trait Builder: std::fmt::Debug + Send + Sync {
    /// Where it is, if it is installed.
    fn program(&self) -> Option<PathBuf>;
    /// Its arguments, but for the command line of the init.
    fn arguments(&self, shape: &Shape<'_>) -> Vec<OsString>;
    /// What an operator does when it is not installed.
    fn how_to_install(&self) -> &'static str;
    /// What an operator does when it says this instead of working.
    fn how_to_fix(&self, complaint: &str) -> Option<&'static str>;
}

/// Where the processes of one workspace run. Clones are the same sandbox.
#[derive(Debug, Clone)]
pub struct Sandbox(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: SandboxSettings,
    workspace: Arc<Workspace>,
    surveys: Surveys,
    system: Vec<SystemDirectory>,
    further: Further,
    view: View,
    /// What processes do where none is started.
    script: Option<Script>,
    /// `None` where the backend needs none.
    builder: Option<Box<dyn Builder>>,
    /// Found once, so that the program that was probed is the one that runs.
    program: Option<PathBuf>,
    launcher: Arc<Launcher>,
    null: OwnedFd,
    /// Made when the first process is started without a sandbox around it.
    init: OnceLock<OwnedFd>,
    verdict: OnceLock<Verdict>,
}

/// What the trial of a sandbox found.
#[derive(Debug)]
struct Verdict {
    report: SandboxReport,
    cgroups: Arc<Cgroups>,
    /// Decided by the trial, for every process that follows.
    user: User,
    /// Where the backend brings no home of its own.
    homes: Option<Homes>,
}

/// Who builds the sandbox, and is the processes' user to the kernel.
#[derive(Debug)]
enum User {
    /// The host's own, which is not root.
    Host,
    /// The workspace's owner; the host is root.
    Owner { uid: u32, gid: u32 },
    /// A user that nothing belongs to, because the workspace is root's.
    Mapped(Mapping),
    /// Root, because the workspace is root's and cannot be mapped.
    Root,
}

/// What the kernel counts to hold a process to a number of processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Counted {
    /// Those of its sandbox, which has a user namespace of its own.
    #[default]
    Tree,
    /// All of its user's.
    User,
    /// Nothing: it is root.
    Nothing,
}

/// Why sandboxes cannot be set up for a workspace.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The workspace cannot be used.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// The thread that starts sandboxes could not be started.
    #[error("cannot start the thread that launches sandboxes")]
    Launcher(#[source] io::Error),
    /// `/dev/null` cannot be opened.
    #[error("cannot open /dev/null")]
    Null(#[source] io::Error),
}

impl Sandbox {
    /// Opens the workspace and finds out what the machine has. Starts no process.
    ///
    /// # Errors
    ///
    /// A [`SandboxError`] when the workspace cannot be opened, or the host is
    /// out of threads or files. A machine without a working sandbox is no
    /// error here: see [`Sandbox::probe`].
    pub fn open(settings: SandboxSettings) -> Result<Self, SandboxError> {
        let builder: Option<Box<dyn Builder>> = match settings.backend {
            SandboxBackend::Bubblewrap => Some(Box::new(Bubblewrap::new())),
            SandboxBackend::Landlock | SandboxBackend::None => None,
        };
        Self::with_builder(settings, builder, None)
    }

    /// Opens a workspace for commands that are played by a script: no process is
    /// started, and the machine needs no sandbox. For tests of what capsules do.
    ///
    /// Policy judges commands as ever, but for where programs are: each is what
    /// it is called, whether this machine has it or not. `git` and `/usr/bin/git`
    /// are two programs then.
    ///
    /// # Errors
    ///
    /// As [`Sandbox::open`].
    pub fn scripted(workspace: impl Into<PathBuf>, script: Script) -> Result<Self, SandboxError> {
        Self::with_builder(SandboxSettings::new(workspace), None, Some(script))
    }

    /// With bubblewrap looked for in other places.
    #[cfg(test)]
    pub(crate) fn with_programs(
        settings: SandboxSettings,
        programs: Vec<PathBuf>,
    ) -> Result<Self, SandboxError> {
        Self::with_builder(
            settings,
            Some(Box::new(Bubblewrap::in_places(programs))),
            None,
        )
    }

    fn with_builder(
        settings: SandboxSettings,
        builder: Option<Box<dyn Builder>>,
        script: Option<Script>,
    ) -> Result<Self, SandboxError> {
        let workspace = Workspace::open(&settings.workspace);
        let workspace = workspace.map_err(WorkspaceError::open(&settings.workspace))?;
        let workspace = Arc::new(workspace);
        let system = detect::system_directories();
        let launcher = Arc::new(Launcher::start().map_err(SandboxError::Launcher)?);
        let null = rustix::fs::open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())
            .map_err(|errno| SandboxError::Null(errno.into()))?;
        Ok(Self(Arc::new(Inner {
            view: view(&settings, &workspace, &system)?,
            further: Further::find(&settings.read_only),
            program: builder.as_ref().and_then(|builder| builder.program()),
            surveys: Surveys::new(settings.git.clone(), settings.protected.clone()),
            settings,
            script,
            workspace,
            system,
            builder,
            launcher,
            null,
            init: OnceLock::new(),
            verdict: OnceLock::new(),
        })))
    }

    /// The settings that it was opened with.
    #[must_use]
    pub fn settings(&self) -> &SandboxSettings {
        &self.0.settings
    }

    /// The directory that processes see as the workspace, by the path without links
    /// under which it was opened.
    #[must_use]
    pub fn workspace(&self) -> &Path {
        self.0.workspace.path()
    }

    /// That directory, as it was opened.
    pub(crate) fn opened(&self) -> &Arc<Workspace> {
        &self.0.workspace
    }

    /// How it confines processes; [`crate::policy`] judges commands by it.
    #[must_use]
    pub fn confinement(&self) -> Confinement {
        match self.0.settings.backend {
            SandboxBackend::Bubblewrap => Confinement::Sandboxed,
            SandboxBackend::Landlock => Confinement::Landlocked,
            SandboxBackend::None => Confinement::Unconfined,
        }
    }

    /// Tries a sandbox, once; later calls give the same report. Blocks for some
    /// 20 ms the first time, at most 25 s.
    pub fn probe(&self) -> &SandboxReport {
        &self.0.verdict.get_or_init(|| probe::probe(&self.0)).report
    }

    /// What [`Sandbox::probe`] found, if it was called.
    pub(crate) fn report(&self) -> Option<&SandboxReport> {
        self.0.verdict.get().map(|verdict| &verdict.report)
    }

    /// Finds a program the way the sandbox will: a bare name in its PATH, an
    /// absolute path in its view of the machine.
    ///
    /// # Errors
    ///
    /// A [`ProgramError`] when there is nothing to execute.
    pub fn resolve(&self, name: &str) -> Result<ResolvedProgram, ProgramError> {
        match &self.0.script {
            Some(script) => script.resolve(name),
            None => self.0.view.resolve(name),
        }
    }

    /// A working directory that exists.
    pub(crate) fn working_directory(&self, cwd: Option<&str>) -> Result<Place, DirectoryError> {
        let inside = match self.0.settings.backend {
            SandboxBackend::Bubblewrap => inside::WORKSPACE,
            SandboxBackend::Landlock | SandboxBackend::None => direct::WORKSPACE,
        };
        self.0.view.working_directory(cwd, inside)
    }

    /// What the kernel counts where a process has a limit on their number. Not
    /// known before [`Sandbox::probe`].
    pub(crate) fn counted(&self) -> Counted {
        let verdict = self.0.verdict.get();
        verdict.map_or(Counted::Nothing, |verdict| self.0.counted(&verdict.user))
    }

    /// Why the machine cannot limit all processes of a command together, and
    /// what would allow it; `None` when it can.
    pub(crate) fn refusal(&self, limit: TreeLimit) -> Option<String> {
        if self.0.script.is_some() {
            // What starts nothing keeps every limit.
            return None;
        }
        let Some(verdict) = self.0.verdict.get() else {
            return Some("the sandbox was not probed".into());
        };
        let because = verdict.cgroups.refusal(limit)?;
        Some(format!("{because}; {HOW_TO_DELEGATE}"))
    }

    /// The memory of all process trees together, in bytes, where it is limited.
    pub(crate) fn memory_of_all(&self) -> Option<u64> {
        self.0.verdict.get()?.cgroups.memory_of_all()
    }

    /// Whether a limit takes a control group of its own besides the one for memory.
    pub(crate) fn is_apart(&self, limit: TreeLimit) -> bool {
        let verdict = self.0.verdict.get();
        verdict.is_some_and(|verdict| verdict.cgroups.is_apart(limit))
    }

    /// A descriptor of `/dev/null`.
    pub(crate) fn null(&self) -> io::Result<OwnedFd> {
        self.0.null.try_clone()
    }
}

impl Inner {
    fn counted(&self, user: &User) -> Counted {
        if self.script.is_some() {
            return Counted::Tree;
        }
        match (user, &self.builder) {
            (User::Root, _) => Counted::Nothing,
            (_, None) => Counted::User,
            (_, Some(_)) => Counted::Tree,
        }
    }
}

/// What processes see of the machine.
fn view(
    settings: &SandboxSettings,
    workspace: &Workspace,
    system: &[SystemDirectory],
) -> Result<View, WorkspaceError> {
    let mut further = settings.read_only.clone();
    let inside = match settings.backend {
        SandboxBackend::Bubblewrap => inside::WORKSPACE.as_ref(),
        SandboxBackend::Landlock => workspace.path(),
        SandboxBackend::None => {
            further.push("/".into());
            workspace.path()
        }
    };
    let open = || {
        let directory = workspace.directory().try_clone_to_owned()?;
        View::new(plan::visible(system), further, directory, inside.into())
    };
    open().map_err(WorkspaceError::open(workspace.path()))
}

#[cfg(test)]
mod tests;
