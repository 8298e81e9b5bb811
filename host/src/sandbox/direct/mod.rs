//! Processes in the host's own namespaces, behind Landlock or behind nothing.
//!
//! The init is started as it is. It waits for its command; as with sandboxes, the next
//! one is started ahead, with all that will be its command's own.
//!
//! What namespaces would do falls to the init: it finds the processes by their
//! ancestry to signal and to end them. It has to outlive them, so that nothing
//! here ever kills it.

mod barrier;
mod home;
mod probe;
mod rules;
mod start;

use std::any::Any;
use std::os::fd::OwnedFd;
use std::sync::{Arc, OnceLock};

use self::barrier::{Barrier, LANDLOCK, NOTHING};
use self::home::{Home, Homes};
use super::cgroup::{Cgroups, Limited};
use super::error::{LaunchError, SandboxError};
use super::foundation::Foundation;
use super::launcher::Launcher;
use super::standby::{Ahead, Standbys};
use super::supervision::Supervision;
use super::tried::Counted;
use super::user::User;
use super::view::View;
use super::workspace_error::WorkspaceError;
use crate::policy::Confinement;

/// The workspace for a command: the init has entered it before.
pub(super) const WORKSPACE: &str = ".";

/// The processes of one workspace.
#[derive(Debug)]
pub(super) struct Direct {
    foundation: Arc<Foundation>,
    barrier: &'static Barrier,
    launcher: Arc<Launcher>,
    /// What distinguishes an init that waits are its groups: all else comes with the
    /// order.
    standbys: Arc<Standbys<Limited, Home>>,
    /// The init as a file that can be executed, the same for all.
    init: OnceLock<OwnedFd>,
    /// The name of the processes' account.
    account: OnceLock<String>,
    /// Nothing starts before it is there.
    ready: OnceLock<Ready>,
}

/// What the trial has found that every process needs.
#[derive(Debug)]
struct Ready {
    user: User,
    supervision: Supervision,
    homes: Homes,
    cgroups: Arc<Cgroups>,
}

impl Direct {
    pub(super) fn landlock(foundation: &Arc<Foundation>) -> Result<Self, SandboxError> {
        Self::open(foundation, &LANDLOCK)
    }

    pub(super) fn unconfined(foundation: &Arc<Foundation>) -> Result<Self, SandboxError> {
        Self::open(foundation, &NOTHING)
    }

    fn open(foundation: &Arc<Foundation>, barrier: &'static Barrier) -> Result<Self, SandboxError> {
        let standbys = Arc::new(Standbys::new(&foundation.settings));
        let launcher = Launcher::start(Arc::clone(&standbys) as Arc<dyn Ahead>);
        Ok(Self {
            barrier,
            launcher: Arc::new(launcher.map_err(SandboxError::Launcher)?),
            standbys,
            init: OnceLock::new(),
            account: OnceLock::new(),
            ready: OnceLock::new(),
            foundation: Arc::clone(foundation),
        })
    }

    /// What processes see: the workspace is where the host has it.
    pub(super) fn view(&self) -> Result<View, WorkspaceError> {
        let workspace = self.foundation.workspace.path();
        self.foundation.view(workspace, self.barrier.shows)
    }

    pub(super) fn confinement(&self) -> Confinement {
        self.barrier.backend.confinement()
    }

    /// What was started ahead.
    #[cfg(test)]
    pub(super) fn standbys(&self) -> &dyn Ahead {
        &*self.standbys
    }

    /// Ends the inits that no command was given. `held` is dropped when they are gone.
    pub(super) fn end_standbys(&self, held: Arc<dyn Any + Send + Sync>) {
        self.launcher.end_standbys(held);
    }

    fn ready(&self) -> Result<&Ready, LaunchError> {
        self.ready.get().ok_or(LaunchError::Unprobed)
    }
}

/// What the kernel counts of a user's processes, which have no user namespace.
fn counted(user: User) -> Counted {
    match user {
        User::Root => Counted::Nothing,
        User::Host | User::Owner { .. } => Counted::User,
    }
}
