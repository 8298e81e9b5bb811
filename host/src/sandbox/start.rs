//! Starts a command: in a sandbox that was built ahead, or else in one of its own.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::cgroup::{Joined, TreeLimits};
use super::construct::{Construction, Outline};
use super::control::{Assignment, Stdio};
use super::direct::{Own, Waiting};
use super::launcher::{Child, Held};
use super::order::Order;
use super::process::Process;
use super::script::Scene;
use super::standby::{Key, Standby, Standbys};
use super::workspace_error::WorkspaceError;
use super::{Ends, Inner, Sandbox, User, Verdict};
use crate::policy::Access;

/// How long a standby may take to come up until it is taken for any other
/// sandbox that is slow.
const PATIENCE: Duration = Duration::from_secs(1);

/// Why one sandbox was not started.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// The sandbox was not tried, or does not work.
    #[error("the sandbox was not probed, or does not work")]
    Unprobed,
    /// The workspace cannot be shown.
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    /// The workspace would be written, and so what the host trusts.
    #[error(
        "the workspace {} cannot be written by processes: {} belongs to the host itself",
        workspace.display(), protected.display()
    )]
    Protected {
        /// The workspace.
        workspace: PathBuf,
        /// The place in [`super::SandboxSettings::protected`].
        protected: PathBuf,
    },
    /// The system call filter cannot be built.
    #[error("cannot build the system call filter: {0}")]
    Filter(String),
    /// The order for the init cannot be written.
    #[error("cannot write the order for the init")]
    Order(#[source] io::Error),
    /// A control group for the command cannot be made.
    #[error("cannot make a control group for the command")]
    Group(#[source] io::Error),
    /// Directories for the command cannot be made.
    #[error("cannot make directories for the command")]
    Home(#[source] io::Error),
    /// The sandbox's arguments cannot be written.
    #[error("cannot write the sandbox's arguments")]
    Arguments(#[source] io::Error),
    /// The init cannot be handed over.
    #[error("cannot hand over the init")]
    Init(#[source] io::Error),
    /// A pipe cannot be made.
    #[error("cannot make a pipe to the sandbox")]
    Pipe(#[source] io::Error),
    /// A file cannot be handed over.
    #[error("cannot hand a file to the sandbox")]
    Descriptor(#[source] io::Error),
    /// The program that builds the sandbox does not start.
    #[error("cannot start the program that builds the sandbox")]
    Spawn(#[source] io::Error),
    /// What a sandbox that was built ahead says cannot be read.
    #[error("cannot watch a sandbox that was built ahead")]
    Standby(#[source] io::Error),
    /// The script has nothing for the command.
    #[error("{0}")]
    Unscripted(String),
    /// The thread that starts sandboxes is gone.
    #[error("the thread that launches sandboxes is gone")]
    LauncherGone,
}

/// A command that only has to be started.
#[derive(Debug)]
pub(crate) struct Prepared {
    place: Place,
    assignment: Assignment,
    tree: TreeLimits,
}

/// Where a command is to run.
#[derive(Debug)]
enum Place {
    /// In a sandbox that is built.
    Sandbox { outline: Outline, key: Key },
    /// Nowhere: a script plays it.
    Script(Scene),
    /// In no namespaces, by an init that waits for it.
    Host {
        child: Child,
        ends: Ends,
        joined: Joined,
        own: Own,
    },
}

impl Inner {
    /// Refuses writing to a workspace that holds what is protected, or is part
    /// of it.
    fn refuse_protected(&self, access: Access) -> Result<(), LaunchError> {
        if !access.workspace.writes() {
            return Ok(());
        }
        let workspace = self.workspace.path();
        let mut protected = self.settings.protected.iter();
        let overlaps = |path: &&PathBuf| path.starts_with(workspace) || workspace.starts_with(path);
        match protected.find(overlaps) {
            None => Ok(()),
            Some(path) => Err(LaunchError::Protected {
                workspace: workspace.to_owned(),
                protected: path.clone(),
            }),
        }
    }
}

impl Sandbox {
    /// Makes everything that a command needs, but does not start it.
    pub(crate) fn prepare(
        &self,
        access: Access,
        order: &Order,
        stdio: Stdio,
    ) -> Result<Prepared, LaunchError> {
        let verdict = self.0.verdict()?;
        self.0.refuse_protected(access)?;
        if let Some(script) = &self.0.script {
            return Ok(Prepared {
                place: Place::Script(script.scene(order)?),
                assignment: self.0.assign(order, stdio)?,
                tree: order.tree,
            });
        }
        if verdict.homes.is_some() {
            return self.prepare_direct(access, order, stdio);
        }
        let outline = self.0.outline(access, &verdict.user)?;
        let key = self.0.key_of(&outline, order.tree)?;
        Ok(Prepared {
            place: Place::Sandbox { outline, key },
            assignment: self.0.assign(order, stdio)?,
            tree: order.tree,
        })
    }

    fn prepare_direct(
        &self,
        access: Access,
        order: &Order,
        stdio: Stdio,
    ) -> Result<Prepared, LaunchError> {
        let Waiting {
            process,
            ends,
            joined,
            own,
        } = self.0.waiting(order.tree)?;
        // Until it is launched nothing else is held for it.
        let launcher = &self.0.launcher;
        let child = launcher.adopt(process, Box::new(()), joined.groups());
        joined.limit(order.tree).map_err(LaunchError::Group)?;
        let assignment = self.0.assign_direct(access, order, stdio, &own.home)?;
        Ok(Prepared {
            place: Place::Host {
                child,
                ends,
                joined,
                own,
            },
            assignment,
            tree: order.tree,
        })
    }

    /// Starts a command. When the future is dropped, so is the sandbox. `held`
    /// is dropped when nothing of the sandbox is left.
    pub(crate) async fn launch(
        &self,
        prepared: Prepared,
        held: Held,
    ) -> Result<(Child, Ends), LaunchError> {
        let Prepared {
            place,
            assignment,
            tree,
        } = prepared;
        let (outline, key) = match place {
            Place::Script(scene) => {
                return scene.begin(assignment.into_stdio(), held, &self.0.launcher);
            }
            Place::Sandbox { outline, key } => (outline, key),
            Place::Host {
                mut child,
                ends,
                joined,
                own,
            } => {
                let assigned = ends.control.assign(&assignment);
                child.hold(own.hold(Box::new((joined, held))));
                assigned.map_err(LaunchError::Order)?;
                self.wait_ahead(tree);
                return Ok((child, ends));
            }
        };
        let mut held = held;
        let launcher = &self.0.launcher;
        launcher.discard(launcher.standbys().take_outdated(&key));
        while let Some(Standby {
            process,
            ends,
            kept,
            joined,
            ..
        }) = launcher.standbys().take(&key)
        {
            // The groups are given back when nothing of the sandbox is left.
            let groups = joined.groups();
            let limited = joined.limit(tree);
            let child = launcher.adopt(process, Box::new((joined, kept, held)), groups);
            limited.map_err(LaunchError::Group)?;
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

        let construction = self.0.construct(self.0.user()?, outline)?;
        let started = self.start(construction, &assignment, tree, held);
        self.build_ahead(key.access, tree);
        started.await
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
        let joined = self.0.join(tree, &mut ends).and_then(|joined| {
            let assigned = ends.control.assign(assignment);
            assigned.map(|()| joined).map_err(LaunchError::Order)
        });
        let (reply, answer) = oneshot::channel();
        let assigned = joined.map(|joined| {
            let groups = joined.groups();
            // The groups are given back when nothing of the sandbox is left.
            let held = Box::new((joined, kept, held));
            self.0.launcher.launch(program, held, groups, move |child| {
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

    /// Ends the sandboxes that no command was given, and waits until they are gone.
    pub(crate) async fn end_standbys(&self) {
        let (held, mut ended) = mpsc::channel::<()>(1);
        self.0.launcher.end_standbys(Arc::new(held));
        // Nothing is ever sent: it waits for the drop.
        ended.recv().await;
    }

    /// Says what processes have left behind in the workspace. Takes seconds at most.
    pub(crate) fn finish(&self) {
        self.0.surveys.finish();
    }

    /// The programs that built the sandboxes that wait for a command.
    #[cfg(test)]
    pub(crate) fn standbys(&self) -> Vec<u32> {
        let (processes, _) = self.0.launcher.standbys().watched();
        processes.iter().map(|process| process.id()).collect()
    }

    fn build_ahead(&self, access: Access, limits: TreeLimits) {
        self.ahead(move |sandbox, standbys| sandbox.build_standby(access, limits, standbys));
    }

    fn wait_ahead(&self, limits: TreeLimits) {
        self.ahead(move |sandbox, standbys| sandbox.wait_ahead(limits, standbys));
    }

    fn ahead(
        &self,
        build: impl FnOnce(&Inner, &Standbys) -> Result<(), LaunchError> + Send + 'static,
    ) {
        if self.0.settings.standbys == 0 {
            return;
        }
        let sandbox = self.clone();
        self.0.launcher.ahead(move |standbys| {
            if let Err(error) = build(&sandbox.0, standbys) {
                // The next launch meets the same error, and tells it.
                tracing::debug!(%error, "cannot build a sandbox ahead");
            }
        });
    }
}

impl Inner {
    pub(super) fn verdict(&self) -> Result<&Verdict, LaunchError> {
        let verdict = self.verdict.get();
        let works = verdict.filter(|verdict| verdict.report.works());
        works.ok_or(LaunchError::Unprobed)
    }

    fn user(&self) -> Result<&User, LaunchError> {
        Ok(&self.verdict()?.user)
    }

    /// What distinguishes such a sandbox for a command with limits of these kinds.
    fn key_of(&self, outline: &Outline, limits: TreeLimits) -> Result<Key, LaunchError> {
        Ok(Key {
            limited: limits.which(),
            ..self.key(outline)?
        })
    }

    /// Has the command of a sandbox that is not started yet join groups of its own.
    fn join(&self, limits: TreeLimits, ends: &mut Ends) -> Result<Joined, LaunchError> {
        let cgroups = &self.verdict()?.cgroups;
        Joined::make(cgroups, limits, &mut ends.control).map_err(LaunchError::Group)
    }

    /// Builds a sandbox without a command, unless there are enough. Called on
    /// the launcher's thread.
    fn build_standby(
        &self,
        access: Access,
        limits: TreeLimits,
        standbys: &Standbys,
    ) -> Result<(), LaunchError> {
        // Every launch waits for this thread.
        if !self.surveys.is_quick(&self.workspace, access.workspace) {
            return Ok(());
        }
        let outline = self.outline(access, self.user()?)?;
        let key = self.key_of(&outline, limits)?;
        if standbys.count(&key) >= self.settings.standbys {
            return Ok(());
        }
        let Some(until) = Instant::now().checked_add(self.settings.standby_time) else {
            return Ok(());
        };
        let Construction {
            program,
            mut ends,
            kept,
        } = self.construct(self.user()?, outline)?;
        let joined = self.join(limits, &mut ends)?;
        let process = Arc::new(Process::start(program).map_err(LaunchError::Spawn)?);
        standbys.add(Standby {
            key,
            process,
            ends,
            joined,
            own: None,
            kept,
            until,
        });
        Ok(())
    }
}
