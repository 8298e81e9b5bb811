//! What keeps processes in: the one place that knows which backends there are. Each is
//! a folder.

use std::any::Any;
use std::path::Path;
use std::sync::Arc;

use super::bubblewrap::Bubblewrap;
use super::control::Stdio;
use super::direct::{self, Direct};
use super::error::{LaunchError, SandboxError};
use super::foundation::Foundation;
use super::inside;
use super::order::Order;
use super::program::ProgramError;
use super::script::{self, Script};
use super::settings::SandboxBackend;
use super::startable::Startable;
use super::tried::Tried;
use super::view::View;
use super::workspace_error::WorkspaceError;
use crate::policy::{Access, Confinement, ResolvedProgram};

/// What keeps the processes of one workspace in.
#[derive(Debug)]
pub(super) enum Backend {
    /// Namespaces that bubblewrap builds.
    Bubblewrap(Arc<Bubblewrap>),
    /// No namespaces: the init is started as it is.
    Direct(Arc<Direct>),
    /// No process: a script plays what would be one in namespaces.
    Script(Script),
}

impl Backend {
    /// The one that the operator has chosen.
    pub(super) fn open(foundation: &Arc<Foundation>) -> Result<Self, SandboxError> {
        Ok(match foundation.settings.backend {
            SandboxBackend::Bubblewrap => Self::Bubblewrap(Bubblewrap::open(foundation)?.into()),
            SandboxBackend::Landlock => Self::Direct(Direct::landlock(foundation)?.into()),
            SandboxBackend::None => Self::Direct(Direct::unconfined(foundation)?.into()),
        })
    }

    /// What processes see of the machine.
    pub(super) fn view(&self, foundation: &Foundation) -> Result<View, WorkspaceError> {
        match self {
            Self::Bubblewrap(_) | Self::Script(_) => {
                foundation.view(Path::new(inside::WORKSPACE), &[])
            }
            Self::Direct(direct) => direct.view(),
        }
    }

    /// How it confines processes.
    pub(super) fn confinement(&self) -> Confinement {
        match self {
            Self::Bubblewrap(_) | Self::Script(_) => Confinement::Sandboxed,
            Self::Direct(direct) => direct.confinement(),
        }
    }

    /// Where the init finds the workspace.
    pub(super) fn workspace(&self) -> &'static str {
        match self {
            Self::Bubblewrap(_) | Self::Script(_) => inside::WORKSPACE,
            Self::Direct(_) => direct::WORKSPACE,
        }
    }

    /// Finds a program, which has to be in the view where it is to be executed.
    pub(super) fn resolve(&self, view: &View, name: &str) -> Result<ResolvedProgram, ProgramError> {
        match self {
            Self::Bubblewrap(_) | Self::Direct(_) => view.resolve(name),
            Self::Script(script) => script.resolve(name),
        }
    }

    /// Refuses a script whose interpreter is not there. What starts nothing needs none.
    pub(super) fn require_interpreter(
        &self,
        view: &View,
        order: &Order,
    ) -> Result<(), LaunchError> {
        match self {
            Self::Bubblewrap(_) | Self::Direct(_) => Ok(view.require_interpreter(order)?),
            Self::Script(_) => Ok(()),
        }
    }

    /// Whether limits on a process tree take control groups. What starts nothing keeps
    /// every limit.
    pub(super) fn takes_groups(&self) -> bool {
        match self {
            Self::Bubblewrap(_) | Self::Direct(_) => true,
            Self::Script(_) => false,
        }
    }

    /// Tries it. Nothing starts before that.
    pub(super) fn probe(&self) -> Tried {
        match self {
            Self::Bubblewrap(bubblewrap) => bubblewrap.probe(),
            Self::Direct(direct) => direct.probe(),
            Self::Script(_) => script::tried(),
        }
    }

    /// Makes everything that a command needs, but does not start it.
    pub(super) fn prepare(
        &self,
        access: Access,
        order: &Order,
        stdio: Stdio,
    ) -> Result<Startable, LaunchError> {
        match self {
            Self::Bubblewrap(bubblewrap) => bubblewrap.prepare(access, order, stdio),
            Self::Direct(direct) => direct.prepare(access, order, stdio),
            Self::Script(script) => script.prepare(order, stdio),
        }
    }

    /// Ends what waits for a command. `held` is dropped when it is gone.
    pub(super) fn end_standbys(&self, held: Arc<dyn Any + Send + Sync>) {
        match self {
            Self::Bubblewrap(bubblewrap) => bubblewrap.end_standbys(held),
            Self::Direct(direct) => direct.end_standbys(held),
            Self::Script(_) => drop(held),
        }
    }

    /// Says what processes have left behind in the workspace. Takes seconds at most.
    pub(super) fn finish(&self) {
        match self {
            Self::Bubblewrap(bubblewrap) => bubblewrap.finish(),
            Self::Direct(_) | Self::Script(_) => {}
        }
    }

    /// The processes that wait for a command, by their ids.
    #[cfg(test)]
    pub(super) fn standbys(&self) -> Vec<u32> {
        let standbys = match self {
            Self::Bubblewrap(bubblewrap) => bubblewrap.standbys(),
            Self::Direct(direct) => direct.standbys(),
            Self::Script(_) => return Vec::new(),
        };
        let (processes, _) = standbys.watched();
        processes.iter().map(|process| process.id()).collect()
    }
}
