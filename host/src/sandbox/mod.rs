//! Sandboxes: the one place where processes start.
//!
//! [`Sandbox`] belongs to a workspace. What keeps processes in is a `backend`, each in a
//! folder of its own: `bubblewrap` builds each process a sandbox, `direct` starts
//! the init as it is and puts the command under Landlock, or under nothing, and
//! `script` starts nothing. All of them run the init, or act as one: `order` says
//! what, `status` what came of it. Nothing starts before [`Sandbox::probe`] has seen
//! the backend refuse what it has to refuse.
//!
//! What lives and dies here ends in one of three ways: the init ends everything when
//! the control socket is closed, the kernel ends everything when the init ends,
//! and the thread in `launcher` ends the builder when neither happened.
//!
//! A host that is root starts no process as root where it can be avoided: it
//! takes the workspace's owner, or, where that is root, the user of `bubblewrap::mapping`.
//!
//! This module must never know who asks or why: that is for
//! [`crate::policy`], and [`crate::process`] supervises what was started.

mod backend;
mod bubblewrap;
mod cgroup;
mod control;
mod detect;
mod direct;
mod directory;
mod error;
mod foundation;
mod further;
mod git;
mod held;
mod identity;
mod init;
mod inside;
mod interpreter;
#[cfg(target_arch = "x86_64")]
mod landlock;
mod launch;
mod launcher;
mod machine;
mod memory_file;
mod order;
mod own;
mod process;
mod program;
mod report;
mod ruleset;
mod script;
#[cfg(target_arch = "x86_64")]
mod seccomp;
mod settings;
mod standby;
mod startable;
mod status;
mod supervision;
mod system;
mod trial;
mod tried;
mod usage;
mod user;
mod view;
mod worker;
mod workspace_error;

/// There is no Landlock for other processors yet.
#[cfg(not(target_arch = "x86_64"))]
mod landlock {
    pub(super) fn version() -> std::io::Result<u32> {
        Err(std::io::ErrorKind::Unsupported.into())
    }
}

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

pub(crate) use boll_init::wire::MESSAGE_BYTES;
use tokio::sync::mpsc;

use self::backend::Backend;
#[cfg(test)]
pub(crate) use self::bubblewrap::MAPPED_ID;
pub(crate) use self::cgroup::TreeLimits;
pub use self::cgroup::{TreeLimit, enter_leaf_cgroup};
pub(crate) use self::control::{Control, Ends, Stdio};
pub(crate) use self::directory::DirectoryError;
pub(crate) use self::error::LaunchError;
pub use self::error::SandboxError;
use self::foundation::Foundation;
pub use self::git::GitSettings;
pub(crate) use self::git::{GitObeys, Obedience};
use self::held::Held;
pub(crate) use self::launcher::Child;
pub(crate) use self::order::{JudgedPath, KernelLimit, Order};
pub use self::program::{ProgramError, to_show};
pub use self::report::{SandboxReport, SandboxStatus, Weakness};
pub use self::script::{Exchange, Script, ScriptFault, ScriptedEnd, ScriptedProcess};
pub use self::settings::{SandboxBackend, SandboxSettings, Variables};
pub(crate) use self::startable::Startable;
pub use self::status::LaunchStep;
pub(crate) use self::status::{End, Full, Message, Usage};
pub(crate) use self::tried::Counted;
use self::tried::Tried;
use self::view::View;
pub use self::worker::{Worker, WorkerError, WorkerExit, WorkerLimits, WorkerStop, serve_worker};
pub use self::workspace_error::WorkspaceError;
use crate::policy::{Access, Confinement, ResolvedProgram};
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

/// What an operator does when the host may make no control groups.
pub const HOW_TO_DELEGATE: &str = "run the host in a delegated control group: `systemd-run \
                                   --user --scope -p Delegate=yes COMMAND` starts a command in \
                                   one (as root without --user); a service of systemd needs \
                                   Delegate=yes";

/// Where the processes of one workspace run. Clones are the same sandbox.
#[derive(Debug, Clone)]
pub struct Sandbox(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    foundation: Arc<Foundation>,
    backend: Backend,
    view: View,
    tried: OnceLock<Tried>,
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
        let foundation = Arc::new(Foundation::open(settings)?);
        let backend = Backend::open(&foundation)?;
        Self::with_backend(foundation, backend)
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
        let foundation = Foundation::open(SandboxSettings::new(workspace))?;
        Self::with_backend(Arc::new(foundation), Backend::Script(script))
    }

    /// With bubblewrap looked for in other places.
    #[cfg(test)]
    pub(crate) fn with_programs(
        settings: SandboxSettings,
        programs: Vec<PathBuf>,
    ) -> Result<Self, SandboxError> {
        let foundation = Arc::new(Foundation::open(settings)?);
        let bubblewrap = bubblewrap::Bubblewrap::in_places(&foundation, &programs)?;
        Self::with_backend(foundation, Backend::Bubblewrap(Arc::new(bubblewrap)))
    }

    fn with_backend(foundation: Arc<Foundation>, backend: Backend) -> Result<Self, SandboxError> {
        Ok(Self(Arc::new(Inner {
            view: backend.view(&foundation)?,
            backend,
            foundation,
            tried: OnceLock::new(),
        })))
    }

    /// Returns the settings that it was opened with.
    #[must_use]
    pub fn settings(&self) -> &SandboxSettings {
        &self.0.foundation.settings
    }

    /// Returns the directory that processes see as the workspace, by the path without links
    /// under which it was opened.
    #[must_use]
    pub fn workspace(&self) -> &Path {
        self.0.foundation.workspace.path()
    }

    /// That directory, as it was opened.
    pub(crate) fn opened(&self) -> &Arc<Workspace> {
        &self.0.foundation.workspace
    }

    /// Returns how it confines processes; [`crate::policy`] judges commands by it.
    #[must_use]
    pub fn confinement(&self) -> Confinement {
        self.0.backend.confinement()
    }

    /// Tries a sandbox, once; later calls give the same report. Blocks for some
    /// 20 ms the first time, at most 25 s.
    pub fn probe(&self) -> &SandboxReport {
        let tried = self.0.tried.get_or_init(|| self.0.backend.probe());
        &tried.report
    }

    /// What [`Sandbox::probe`] found, if it was called.
    pub(crate) fn report(&self) -> Option<&SandboxReport> {
        self.0.tried.get().map(|tried| &tried.report)
    }

    /// Finds a program the way the sandbox will: a bare name in its PATH, an
    /// absolute path in its view of the machine.
    ///
    /// # Errors
    ///
    /// A [`ProgramError`] when there is nothing to execute.
    pub fn resolve(&self, name: &str) -> Result<ResolvedProgram, ProgramError> {
        self.0.backend.resolve(&self.0.view, name)
    }

    /// Where the host has a program of this name that processes are not shown, by the
    /// settings. For the host's own log: a guest is not told.
    #[must_use]
    pub fn elsewhere(&self, name: &str) -> Option<PathBuf> {
        if name.contains('/') || matches!(name, "" | "." | "..") {
            return None;
        }
        let mut folders = self.settings().elsewhere.iter();
        folders.find_map(|folder| {
            let path = folder.join(name);
            let metadata = path.metadata().ok()?;
            let is_program = metadata.is_file() && metadata.permissions().mode() & 0o111 != 0;
            is_program.then_some(path)
        })
    }

    /// The search path of processes.
    pub(crate) fn path(&self) -> String {
        let folders = self.0.view.path().iter();
        let folders: Vec<_> = folders.map(|folder| folder.to_string_lossy()).collect();
        folders.join(":")
    }

    /// A working directory that exists.
    pub(crate) fn working_directory(
        &self,
        cwd: Option<&str>,
    ) -> Result<JudgedPath, DirectoryError> {
        let inside = self.0.backend.workspace();
        self.0.view.working_directory(cwd, inside)
    }

    /// Whether the init answers the calls that a filter of system calls cannot judge. Not
    /// known before [`Sandbox::probe`].
    pub(crate) fn is_supervised(&self) -> bool {
        let is_lacking = |weakness: &Weakness| {
            matches!(
                weakness,
                Weakness::NoSupervision { .. } | Weakness::Unconfined
            )
        };
        let tried = self.0.tried.get();
        tried.is_some_and(|tried| !tried.report.weaknesses.iter().any(is_lacking))
    }

    /// What the kernel counts where a process has a limit on their number. Not
    /// known before [`Sandbox::probe`].
    pub(crate) fn counted(&self) -> Counted {
        let tried = self.0.tried.get();
        tried.map_or(Counted::Nothing, |tried| tried.counted)
    }

    /// Why the machine cannot limit all processes of a command together, and
    /// what would allow it; `None` when it can.
    pub(crate) fn refusal(&self, limit: TreeLimit) -> Option<String> {
        if !self.0.backend.takes_groups() {
            return None;
        }
        let Some(tried) = self.0.tried.get() else {
            return Some("the sandbox was not probed".into());
        };
        let because = tried.cgroups.refusal(limit)?;
        Some(format!("{because}; {HOW_TO_DELEGATE}"))
    }

    /// The memory of all process trees together, in bytes, where it is limited.
    pub(crate) fn memory_of_all(&self) -> Option<u64> {
        self.0.tried.get()?.cgroups.memory_of_all()
    }

    /// Whether a limit takes a control group of its own besides the one for memory.
    pub(crate) fn is_apart(&self, limit: TreeLimit) -> bool {
        let tried = self.0.tried.get();
        tried.is_some_and(|tried| tried.cgroups.is_apart(limit))
    }

    /// A descriptor of `/dev/null`.
    pub(crate) fn null(&self) -> io::Result<OwnedFd> {
        self.0.foundation.null()
    }

    /// Makes everything that a command needs, but does not start it.
    pub(crate) fn prepare(
        &self,
        access: Access,
        order: &Order,
        stdio: Stdio,
    ) -> Result<Startable, LaunchError> {
        if !self.report().is_some_and(SandboxReport::works) {
            return Err(LaunchError::Unprobed);
        }
        self.0.foundation.refuse_protected(access)?;
        self.0.backend.require_interpreter(&self.0.view, order)?;
        self.0.backend.prepare(access, order, stdio)
    }

    /// Starts a command. When the future is dropped, so is the sandbox. `held`
    /// is dropped when nothing of the sandbox is left.
    pub(crate) async fn launch(
        &self,
        prepared: Startable,
        held: Held,
    ) -> Result<(Child, Ends), LaunchError> {
        prepared.launch(held).await
    }

    /// Ends the sandboxes that no command was given, and waits until they are gone.
    pub(crate) async fn end_standbys(&self) {
        let (held, mut ended) = mpsc::channel::<()>(1);
        self.0.backend.end_standbys(Arc::new(held));
        // Nothing is ever sent: it waits for the drop.
        ended.recv().await;
    }

    /// Says what processes have left behind in the workspace. Takes seconds at most.
    pub(crate) fn finish(&self) {
        self.0.backend.finish();
    }

    /// The processes that wait for a command: what builds a sandbox, or an init.
    #[cfg(test)]
    pub(crate) fn standbys(&self) -> Vec<u32> {
        self.0.backend.standbys()
    }
}

#[cfg(test)]
mod tests;
