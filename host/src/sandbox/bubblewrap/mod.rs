//! Processes in namespaces that bubblewrap builds.
//!
//! Its arguments are data (`plan`); the init runs inside. What a sandbox is to show is
//! found (`outline`) before it is built (`construct`), or taken from those that were
//! built ahead (`start`).

mod construct;
mod install;
mod mapping;
mod mounts;
mod outline;
mod parts;
mod plan;
mod probe;
mod start;

use std::any::Any;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

#[cfg(test)]
pub(in crate::sandbox) use self::install::{PLACES, how_to_fix};
#[cfg(test)]
pub(crate) use self::mapping::ID as MAPPED_ID;
use self::mapping::Mapping;
use self::outline::Key;
use super::cgroup::{Cgroups, Groups};
use super::error::{LaunchError, SandboxError};
use super::foundation::Foundation;
use super::git::{Kept, Surveys};
use super::held::Held;
use super::launcher::Launcher;
use super::own::Own;
use super::standby::{Ahead, Standbys};
use super::supervision::Supervision;
use super::tried::Counted;
use super::user::User;

/// The sandboxes of one workspace.
#[derive(Debug)]
pub(super) struct Bubblewrap {
    foundation: Arc<Foundation>,
    surveys: Surveys,
    /// Found once, so that the program that was probed is the one that runs; `None`
    /// where it is not installed.
    program: Option<PathBuf>,
    launcher: Arc<Launcher>,
    standbys: Arc<Standbys<Key, Kept>>,
    /// Nothing starts before it is there.
    ready: OnceLock<Ready>,
}

/// What the trial has found that every sandbox needs.
#[derive(Debug)]
struct Ready {
    builder: Builder,
    supervision: Supervision,
    cgroups: Arc<Cgroups>,
}

/// Who builds the sandbox, and is the processes' user to the kernel.
#[derive(Debug)]
enum Builder {
    User(User),
    /// A user that nothing belongs to, because the workspace is root's; or its owner, who
    /// may not go the way to what is shown.
    Mapped(Mapping),
}

impl Bubblewrap {
    pub(super) fn open(foundation: &Arc<Foundation>) -> Result<Self, SandboxError> {
        Self::in_places(foundation, &install::PLACES.map(PathBuf::from))
    }

    /// With bubblewrap looked for in these places.
    pub(super) fn in_places(
        foundation: &Arc<Foundation>,
        places: &[PathBuf],
    ) -> Result<Self, SandboxError> {
        let settings = &foundation.settings;
        let standbys = Arc::new(Standbys::new(settings));
        let launcher = Launcher::start(Arc::clone(&standbys) as Arc<dyn Ahead>);
        Ok(Self {
            surveys: Surveys::new(settings.git.clone(), settings.protected.clone()),
            program: install::program(places),
            launcher: Arc::new(launcher.map_err(SandboxError::Launcher)?),
            standbys,
            ready: OnceLock::new(),
            foundation: Arc::clone(foundation),
        })
    }

    /// What was built ahead.
    #[cfg(test)]
    pub(super) fn standbys(&self) -> &dyn Ahead {
        &*self.standbys
    }

    /// Ends the sandboxes that no command was given. `held` is dropped when they are
    /// gone.
    pub(super) fn end_standbys(&self, held: Arc<dyn Any + Send + Sync>) {
        self.launcher.end_standbys(held);
    }

    /// Says what processes have left behind in the workspace. Takes seconds at most.
    pub(super) fn finish(&self) {
        self.surveys.finish();
    }

    fn ready(&self) -> Result<&Ready, LaunchError> {
        self.ready.get().ok_or(LaunchError::Unprobed)
    }
}

impl Builder {
    /// Whose what is made in the workspace will be, where that is not the host's user.
    fn owner(&self) -> Option<(u32, u32)> {
        match self {
            Self::User(user) => user.owner(),
            Self::Mapped(mapping) => mapping.owner,
        }
    }

    /// Whether processes have power over the files of all owners in the workspace.
    fn is_over_owners(&self) -> bool {
        matches!(self, Self::Mapped(mapping) if mapping.owner.is_none())
    }

    fn counted(&self) -> Counted {
        match self {
            Self::User(User::Root) => Counted::Nothing,
            Self::User(User::Host | User::Owner { .. }) | Self::Mapped(_) => Counted::Tree,
        }
    }
}

impl Own for Kept {
    fn into_held(self, groups: Option<Arc<Groups>>, held: Held) -> Held {
        Box::new((groups, self, held))
    }
}
