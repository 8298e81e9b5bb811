//! The start of one command: its turn, its sandbox, and who follows it.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{ProcessService, Started};
use crate::blocking::BlockingThreads;
use crate::call::passed;
use crate::cause::with_causes;
use crate::policy::{Access, AuthorizedCommand};
use crate::process::notices::{audit, tell_what_is_not_limited};
use crate::process::order::order;
use crate::process::output::{HostError, ProcessError};
use crate::process::owner::RunContext;
use crate::process::quota::Share;
use crate::process::stops::Stops;
use crate::process::supervisor::Supervisor;
use crate::process::turns::{Turn, over};
use crate::sandbox::{LaunchError, Order, Startable, Stdio};

/// The threads on which starts look at the workspace. Where that hangs, it hangs for
/// all: what is started in another service has its own.
const THREADS: u32 = 256;

impl ProcessService {
    pub(super) async fn start(
        &self,
        command: &AuthorizedCommand,
        context: RunContext,
        stdio: Stdio,
        place: Arc<Share>,
    ) -> Result<Started, ProcessError> {
        // From here on the call is not over until the process is.
        let running = context.scope.running.token();
        self.unless_over(&context, &mut None, self.require_sandbox())
            .await??;
        if command.confinement() != self.0.sandbox.confinement() {
            return Err(HostError::Confinement.into());
        }
        let mut turn = Some(self.turn(&context).await?);
        let order = order(command, &self.0.settings, &self.0.sandbox)?;
        let deadline = command.spec().deadline.and_then(|after| {
            // A deadline beyond the clock's range is none.
            Instant::now().checked_add(after)
        });
        let prepare = self.prepare(command.access(), order, stdio, &place);
        let prepared = self.unless_over(&context, &mut turn, prepare).await??;
        // The sandbox is gone later than whoever waits for its process.
        let held = Box::new((Arc::clone(&place), self.0.live.token()));
        audit(command, &context);
        // From here on it may have begun: whatever ends it now is reported to it.
        let launch = self.0.sandbox.launch(prepared, held);
        let (child, ends) = in_turn(&mut turn, launch).await?;
        tracing::debug!(
            capsule = context.scope.capsule().as_str(),
            principal = context.scope.origin.principal.as_deref(),
            call = context.scope.origin.call_id.as_deref(),
            program = command.spec().program,
            rule = command.rule(),
            "started a process"
        );
        let settings = &self.0.settings;
        let supervisor = Supervisor::new(child, ends, turn, settings.grace, settings.drain)
            .map_err(HostError::Watch)?;
        let stops = Stops {
            shutdown: self.0.shutdown.clone(),
            cancel: context.scope.cancel.clone(),
            scope: context.scope,
            deadline,
            call: Some(running),
            cpu: command.spec().limits.cpu_seconds.map(Duration::from_secs),
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
            let probed = self.threads()?.spawn(move || {
                sandbox.probe();
            });
            probed.await.map_err(HostError::Probe)?;
        }
        match self.0.sandbox.report() {
            Some(report) if report.works() => {
                self.0
                    .told
                    .call_once(|| tell_what_is_not_limited(report, &self.0.settings));
                Ok(())
            }
            report => Err(ProcessError::SandboxUnavailable(
                report.map_or_else(String::new, ToString::to_string),
            )),
        }
    }

    /// Waits until it is the capsule's turn to start a process.
    async fn turn(&self, context: &RunContext) -> Result<Turn, ProcessError> {
        let turn = self.0.turns.take(context.scope.capsule().as_str());
        self.unless_over(context, &mut None, turn).await
    }

    /// Looks at the workspace, and makes what the command needs, on a thread that may
    /// wait for files. That keeps the command's place until it is done, whoever waits.
    async fn prepare(
        &self,
        access: Access,
        order: Order,
        stdio: Stdio,
        place: &Arc<Share>,
    ) -> Result<Startable, ProcessError> {
        let (sandbox, place) = (self.0.sandbox.clone(), Arc::clone(place));
        let prepared = self.threads()?.spawn(move || {
            let prepared = sandbox.prepare(access, &order, stdio);
            drop(place);
            prepared
        });
        Ok(prepared.await.map_err(HostError::Prepare)??)
    }

    fn threads(&self) -> Result<&BlockingThreads, HostError> {
        let made = self
            .0
            .threads
            .get_or_init(|| BlockingThreads::new("boll-prepare", THREADS, 0));
        made.as_ref().map_err(|error| {
            let error = io::Error::new(error.kind(), error.to_string());
            HostError::Threads(error)
        })
    }

    /// Does what is done before a start, unless the call or the service ends first.
    async fn unless_over<T>(
        &self,
        context: &RunContext,
        turn: &mut Option<Turn>,
        work: impl Future<Output = T>,
    ) -> Result<T, ProcessError> {
        tokio::select! {
            biased;
            () = self.0.shutdown.cancelled() => Err(ProcessError::ShuttingDown),
            () = context.scope.unloaded.cancelled() => Err(ProcessError::ShuttingDown),
            () = context.scope.cancel.cancelled() => Err(ProcessError::Cancelled),
            () = passed(context.scope.ends_at()) => Err(ProcessError::Cancelled),
            done = in_turn(turn, work) => Ok(done),
        }
    }
}

/// Does the work of a start. One that takes long gives back its turn.
async fn in_turn<T>(turn: &mut Option<Turn>, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = over(turn.as_ref()), if turn.is_some() => *turn = None,
        }
    }
}

impl From<LaunchError> for ProcessError {
    fn from(error: LaunchError) -> Self {
        match error {
            // What is wrong can be put right by whoever owns the workspace.
            LaunchError::Workspace(error) => Self::SandboxUnavailable(with_causes(&error)),
            LaunchError::Interpreter(error) => Self::NoInterpreter(error.to_string()),
            error @ LaunchError::Protected { .. } => Self::SandboxUnavailable(error.to_string()),
            error => Self::Host(error.into()),
        }
    }
}
