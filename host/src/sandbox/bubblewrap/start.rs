//! Starts a command: in a sandbox that was built ahead, or else in one of its own.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::construct::Construction;
use super::outline::{Key, Outline};
use super::{Bubblewrap, Ready};
use crate::policy::Access;
use crate::sandbox::cgroup::{Joined, TreeLimits};
use crate::sandbox::control::{Assignment, Ends, Stdio};
use crate::sandbox::error::LaunchError;
use crate::sandbox::held::Held;
use crate::sandbox::launcher::Child;
use crate::sandbox::order::Order;
use crate::sandbox::own::Own as _;
use crate::sandbox::process::Process;
use crate::sandbox::standby::Waiting;

/// How long a standby may take to come up until it is taken for any other
/// sandbox that is slow.
const PATIENCE: Duration = Duration::from_secs(1);

/// A command that only has to be started, in a sandbox that is built.
#[derive(Debug)]
pub(in crate::sandbox) struct Outlined {
    sandboxes: Arc<Bubblewrap>,
    outline: Outline,
    key: Key,
    assignment: Assignment,
    tree: TreeLimits,
}

impl Bubblewrap {
    /// Makes everything that a command needs, but does not start it.
    pub(in crate::sandbox) fn prepare(
        self: &Arc<Self>,
        access: Access,
        order: &Order,
        stdio: Stdio,
    ) -> Result<Outlined, LaunchError> {
        let outline = self.outline(access, &self.ready()?.builder)?;
        Ok(Outlined {
            key: self.key(&outline, order.tree),
            outline,
            assignment: self.assign(order, stdio)?,
            tree: order.tree,
            sandboxes: Arc::clone(self),
        })
    }

    /// Starts what was constructed, with its command.
    fn start(
        &self,
        construction: Construction,
        assignment: &Assignment,
        tree: TreeLimits,
        held: Held,
    ) -> impl Future<Output = Result<(Child, Ends), LaunchError>> + use<> {
        let Construction {
            program,
            mut ends,
            kept,
        } = construction;
        let joined = self.join(tree, &mut ends).and_then(|joined| {
            let assigned = ends.control.assign(assignment);
            assigned.map(|()| joined).map_err(LaunchError::Order)
        });
        let (reply, answer) = oneshot::channel();
        let assigned = joined.map(|joined| {
            let groups = joined.groups();
            // The groups are given back when nothing of the sandbox is left.
            let held = kept.into_held(joined, held);
            self.launcher.launch(program, held, groups, move |child| {
                // Nobody waits any more: the child is dropped, and so taken care of.
                drop(reply.send(child));
            });
        });
        async move {
            assigned?;
            let child = answer.await.map_err(|_| LaunchError::LauncherGone)?;
            Ok((child.map_err(LaunchError::Spawn)?, ends))
        }
    }

    /// Has the command of a sandbox that is not started yet join groups of its own.
    fn join(&self, limits: TreeLimits, ends: &mut Ends) -> Result<Joined, LaunchError> {
        let Ready { cgroups, .. } = self.ready()?;
        Joined::make(cgroups, limits, &mut ends.control).map_err(LaunchError::Group)
    }

    fn build_ahead(self: &Arc<Self>, access: Access, limits: TreeLimits) {
        if self.standbys.are_kept() {
            let own = Arc::clone(self);
            self.launcher
                .ahead(move || own.build_standby(access, limits));
        }
    }

    /// Builds a sandbox without a command, unless there are enough. Called on
    /// the launcher's thread.
    fn build_standby(&self, access: Access, limits: TreeLimits) -> Result<(), LaunchError> {
        let workspace = &self.foundation.workspace;
        // Every launch waits for this thread.
        if !self.surveys.is_quick(workspace, access.workspace) {
            return Ok(());
        }
        let Ready { builder, .. } = self.ready()?;
        let outline = self.outline(access, builder)?;
        let key = self.key(&outline, limits);
        self.standbys.fill(key, || {
            let Construction {
                program,
                mut ends,
                kept,
            } = self.construct(builder, outline)?;
            let joined = self.join(limits, &mut ends)?;
            let process = Process::start(program).map_err(LaunchError::Spawn)?;
            Ok(Waiting {
                process: Arc::new(process),
                ends,
                joined,
                own: kept,
            })
        })
    }
}

impl Outlined {
    /// Starts the command. When the future is dropped, so is the sandbox. `held`
    /// is dropped when nothing of the sandbox is left.
    pub(in crate::sandbox) async fn launch(
        self,
        mut held: Held,
    ) -> Result<(Child, Ends), LaunchError> {
        let Self {
            sandboxes,
            outline,
            key,
            assignment,
            tree,
        } = self;
        let (launcher, standbys) = (&sandboxes.launcher, &sandboxes.standbys);
        launcher.discard(standbys.take_where(|standby| standby.is_outdated(&key)));
        while let Some(Waiting {
            process,
            ends,
            joined,
            own,
        }) = standbys.take(&key)
        {
            // The groups are given back when nothing of the sandbox is left.
            let groups = joined.groups();
            let limited = joined.limit(tree);
            let child = launcher.adopt(process, own.into_held(joined, held), groups);
            limited.map_err(LaunchError::Group)?;
            if ends.control.assign(&assignment).is_ok() {
                sandboxes.build_ahead(key.access, tree);
                // One that is still being built is as good: it finds the
                // assignment when it is there.
                match timeout(PATIENCE, ends.control.accepted()).await {
                    Ok(Ok(false)) => {}
                    Ok(Ok(true)) | Err(_) => return Ok((child, ends)),
                    Ok(Err(error)) => return Err(LaunchError::Standby(error)),
                }
            }
            tracing::debug!(
                complaint = ends.control.complaint().unwrap_or_default(),
                "a sandbox that was built ahead has died"
            );
            held = child.reclaim();
        }

        let construction = sandboxes.construct(&sandboxes.ready()?.builder, outline)?;
        let started = sandboxes.start(construction, &assignment, tree, held);
        sandboxes.build_ahead(key.access, tree);
        started.await
    }
}
