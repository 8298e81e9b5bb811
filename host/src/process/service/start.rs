//! The start of one command: its turn, its sandbox, and who follows it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::ProcessService;
use crate::policy::{Access, AuthorizedCommand};
use crate::process::notices::{audit, tell_what_is_not_limited};
use crate::process::order::order;
use crate::process::output::{HostError, ProcessError};
use crate::process::owner::RunContext;
use crate::process::quota::Share;
use crate::process::stops::{CallHold, Stops};
use crate::process::supervisor::Supervisor;
use crate::process::turns::Turn;
use crate::sandbox::{LaunchError, Order, Prepared, Stdio};

/// A process that was started.
pub(super) struct Started {
    pub(super) supervisor: Supervisor,
    pub(super) stops: Stops,
    pub(super) place: Arc<Share>,
}

impl ProcessService {
    pub(super) async fn start(
        &self,
        command: &AuthorizedCommand,
        context: RunContext,
        stdio: Stdio,
        place: Arc<Share>,
    ) -> Result<Started, ProcessError> {
        // From here on the call is not over until the process is.
        let running = context.running.token();
        self.require_sandbox().await?;
        if command.confinement() != self.0.sandbox.confinement() {
            return Err(HostError::Confinement.into());
        }
        let turn = self.turn(&context).await?;
        let order = order(command, &self.0.settings, &self.0.sandbox)?;
        let deadline = command.deadline().and_then(|after| {
            // A deadline beyond the clock's range is none.
            Instant::now().checked_add(after)
        });
        let prepared = self.prepare(command.access(), order, stdio).await?;
        // The sandbox is gone later than whoever waits for its process.
        let held = Box::new((Arc::clone(&place), self.0.live.token()));
        audit(command, &context);
        let (child, ends) = self.0.sandbox.launch(prepared, held).await?;
        tracing::debug!(
            capsule = context.owner.capsule,
            principal = context.owner.principal,
            call = context.owner.call,
            program = command.name(),
            rule = command.rule(),
            "started a process"
        );
        let settings = &self.0.settings;
        let supervisor = Supervisor::new(child, ends, turn, settings.grace, settings.drain)
            .map_err(HostError::Watch)?;
        let stops = Stops {
            shutdown: self.0.shutdown.clone(),
            unloaded: context.unloaded,
            cancel: context.cancel,
            deadline,
            call: Some(CallHold {
                deadline: context.deadline,
                answered: context.answered,
                _running: running,
            }),
            cpu: command.limits().cpu_seconds.map(Duration::from_secs),
        };
        Ok(Started {
            supervisor,
            stops,
            place,
        })
    }

    /// Nothing runs unless a sandbox was seen to work.
    async fn require_sandbox(&self) -> Result<(), ProcessError> {
        if self.0.sandbox.report().is_none() {
            let sandbox = self.0.sandbox.clone();
            tokio::task::spawn_blocking(move || {
                sandbox.probe();
            })
            .await
            .map_err(HostError::Probe)?;
        }
        match self.0.sandbox.report() {
            Some(report) if report.works() => {
                self.0.told.call_once(|| tell_what_is_not_limited(report));
                Ok(())
            }
            report => Err(ProcessError::SandboxUnavailable(
                report.map_or_else(String::new, ToString::to_string),
            )),
        }
    }

    /// Waits until it is the capsule's turn to start a process.
    async fn turn(&self, context: &RunContext) -> Result<Turn, ProcessError> {
        tokio::select! {
            biased;
            () = self.0.shutdown.cancelled() => Err(ProcessError::ShuttingDown),
            () = context.unloaded.cancelled() => Err(ProcessError::ShuttingDown),
            () = context.cancel.cancelled() => Err(ProcessError::Cancelled),
            turn = self.0.turns.take(&context.owner.capsule) => Ok(turn),
        }
    }

    /// Looks at the workspace, and makes what the command needs, on a thread that may
    /// wait for files.
    async fn prepare(
        &self,
        access: Access,
        order: Order,
        stdio: Stdio,
    ) -> Result<Prepared, ProcessError> {
        let sandbox = self.0.sandbox.clone();
        let prepare = move || sandbox.prepare(access, &order, stdio);
        let prepared = tokio::task::spawn_blocking(prepare).await;
        Ok(prepared.map_err(HostError::Prepare)??)
    }
}

impl From<LaunchError> for ProcessError {
    fn from(error: LaunchError) -> Self {
        match error {
            // What is wrong can be put right by whoever owns the workspace.
            LaunchError::Workspace(error) => Self::SandboxUnavailable(error.to_string()),
            error @ LaunchError::Protected { .. } => Self::SandboxUnavailable(error.to_string()),
            error => Self::Host(error.into()),
        }
    }
}
