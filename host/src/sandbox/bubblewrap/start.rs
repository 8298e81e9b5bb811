//! Starts a command: in a sandbox that was built ahead, or else in one of its own.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::outline::{Key, Outline};
use super::{Bubblewrap, Ready};
use crate::policy::Access;
use crate::sandbox::cgroup::TreeLimits;
use crate::sandbox::control::{Assignment, Ends, Stdio};
use crate::sandbox::error::LaunchError;
use crate::sandbox::git::Kept;
use crate::sandbox::held::Held;
use crate::sandbox::init::Connected;
use crate::sandbox::launcher::Child;
use crate::sandbox::order::Order;
use crate::sandbox::startable::Startable;

/// How long a standby may take to come up until it is taken for any other
/// sandbox that is slow.
const PATIENCE: Duration = Duration::from_secs(1);

impl Bubblewrap {
    /// Makes everything that a command needs, but does not start it.
    pub(in crate::sandbox) fn prepare(
        self: &Arc<Self>,
        access: Access,
        order: &Order,
        stdio: Stdio,
    ) -> Result<Startable, LaunchError> {
        let outline = self.outline(access, &self.ready()?.builder)?;
        let key = self.key(&outline, order.tree);
        let assignment = self.assign(&outline, order, stdio)?;
        let (own, tree) = (Arc::clone(self), order.tree);
        Ok(Startable::new(move |held| {
            own.launch(outline, key, assignment, tree, held)
        }))
    }

    async fn launch(
        self: Arc<Self>,
        outline: Outline,
        key: Key,
        assignment: Assignment,
        tree: TreeLimits,
        mut held: Held,
    ) -> Result<(Child, Ends), LaunchError> {
        let (launcher, standbys) = (&self.launcher, &self.standbys);
        launcher.discard(standbys.take_where(|standby| standby.is_outdated(&key)));
        while let Some(standby) = standbys.take(&key) {
            let (child, ends) = launcher.follow(standby, held);
            ends.control.limit(tree).map_err(LaunchError::Group)?;
            if ends.control.assign(&assignment).is_ok() {
                self.build_ahead(key.access, tree);
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

        let (connected, kept) = self.build(outline, tree)?;
        let assigned = connected.ends.control.assign(&assignment);
        assigned.map_err(LaunchError::Order)?;
        let follower = Arc::clone(launcher);
        let started = launcher.run(move || -> Result<_, LaunchError> {
            Ok(follower.follow(connected.start(kept)?, held))
        });
        self.build_ahead(key.access, tree);
        started.await.map_err(|_| LaunchError::LauncherGone)?
    }

    /// Makes what a sandbox for a command with limits of these kinds takes.
    fn build(
        &self,
        outline: Outline,
        limits: TreeLimits,
    ) -> Result<(Connected, Kept), LaunchError> {
        let Ready {
            builder,
            supervision,
            cgroups,
        } = self.ready()?;
        let groups = cgroups.groups(limits).map_err(LaunchError::Group)?;
        let memory = groups.as_ref().and_then(|groups| groups.memory());
        let (connected, kept) = self.construct(builder, *supervision, outline, memory)?;
        Ok((connected.join(groups)?, kept))
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
        let outline = self.outline(access, &self.ready()?.builder)?;
        let key = self.key(&outline, limits);
        self.standbys.fill(key, || {
            let (connected, kept) = self.build(outline, limits)?;
            connected.start(kept)
        })
    }
}
