//! Starts commands: from permission to a process that is followed to its end.

mod start;
mod started;

use std::io;
use std::sync::{Arc, Once, OnceLock};
use std::time::{Duration, SystemTime};

use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use self::started::Started;
use super::capture::Capture;
use super::child::Child;
use super::child_error::ChildError;
use super::children::{ChildSummary, Children};
use super::ending::Asked;
use super::escalation::TEARDOWN;
use super::git_refused::GitRefused;
use super::life::Life;
use super::notices::tell_what_was_full;
use super::output::{Captured, ExitStatus, HostError, Output, ProcessError};
use super::owner::RunContext;
use super::pump::Streams;
use super::quota::{OverQuota, Quota, Share};
use super::settings::ProcessSettings;
use super::streams::{self, Opened};
use super::tree::{Progress, Tree, TreeEnd};
use super::turns::Turns;
use crate::blocking::BlockingThreads;
use crate::call::CallScope;
use crate::capsule::CapsuleUuid;
use crate::pace::Pace;
use crate::policy::AuthorizedCommand;
use crate::policy::command::{Input, Keep};
use crate::sandbox::{Sandbox, Usage};

/// Runs commands in the sandboxes of one workspace. Clones are the same service.
///
/// When the last clone is dropped, every child is killed.
#[derive(Debug, Clone)]
pub(crate) struct ProcessService(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    sandbox: Sandbox,
    settings: ProcessSettings,
    runs: Arc<Quota>,
    live_children: Arc<Quota>,
    unreleased: Arc<Quota>,
    rings: Arc<Quota>,
    turns: Arc<Turns>,
    /// Made at the first start.
    threads: OnceLock<io::Result<BlockingThreads>>,
    children: Arc<Children>,
    /// Every sandbox that is not gone yet.
    live: TaskTracker,
    shutdown: CancellationToken,
    /// Of what is done with all that processes write.
    pace: Arc<Pace>,
    /// Said what the machine does not limit.
    told: Once,
}

impl ProcessService {
    /// A service for a workspace. The sandbox is tried at the first command,
    /// unless [`Sandbox::probe`] was called before.
    #[must_use]
    pub(crate) fn new(sandbox: Sandbox, settings: ProcessSettings) -> Self {
        Self(Arc::new(Inner {
            sandbox,
            runs: Quota::new(settings.runs.into()),
            live_children: Quota::new(settings.children.into()),
            unreleased: Quota::new(settings.unreleased.into()),
            rings: Quota::new(settings.ring_bytes),
            settings,
            turns: Turns::new(),
            threads: OnceLock::new(),
            children: Arc::default(),
            live: TaskTracker::new(),
            shutdown: CancellationToken::new(),
            pace: Arc::default(),
            told: Once::new(),
        }))
    }

    /// Where the commands run.
    #[must_use]
    pub(crate) fn sandbox(&self) -> &Sandbox {
        &self.0.sandbox
    }

    /// How they are run.
    #[must_use]
    pub(crate) fn settings(&self) -> &ProcessSettings {
        &self.0.settings
    }

    /// Runs a command to its end. Dropping the future ends its process tree.
    ///
    /// It needs a tokio runtime with I/O and time.
    ///
    /// # Errors
    ///
    /// A [`ProcessError`] when the command was not started. A program that
    /// could not be executed is an [`Output`] that says so.
    pub(crate) async fn run(
        &self,
        command: AuthorizedCommand,
        context: RunContext,
    ) -> Result<Output, ProcessError> {
        refuse_what_only_children_have(&command)?;
        let place = self.place(&self.0.runs, &context)?;
        let _rings = self.ring_space(&command, &context)?;
        let Opened {
            stdio, mut streams, ..
        } = self.open(&command, Uuid::new_v4(), &context)?;
        let refused = GitRefused::of(&command, &context);
        refused.watch(&mut streams);
        let capsule = Arc::clone(&context.scope);
        let started = self.start(&command, context, stdio, place).await?;
        let life = started
            .supervisor
            .follow(started.stops, &mut streams, &self.0.pace)
            .await
            .map_err(HostError::Watch)?;
        started.place.give_back();
        tell_what_was_full(capsule.capsule().as_str(), &life);
        let output = output(&Asked::of(&command), life, streams);
        refused.tell(&output.exit.status);
        Ok(output)
    }

    /// Starts a command, to be driven through a handle. The child belongs to
    /// its call, and ends with it, until it is detached.
    ///
    /// It needs a tokio runtime with I/O and time, for as long as the child lives.
    ///
    /// # Errors
    ///
    /// A [`ProcessError`] when the command was not started. A program that
    /// could not be executed is a child whose exit says so.
    pub(crate) async fn spawn(
        &self,
        command: AuthorizedCommand,
        context: RunContext,
    ) -> Result<Child, ProcessError> {
        let place = self.place(&self.0.live_children, &context)?;
        let record = take(&self.0.unreleased, &context, 1)?;
        let rings = self.ring_space(&command, &context)?;
        let id = Uuid::new_v4();
        let mut opened = self.open(&command, id, &context)?;
        let owner = Arc::clone(&context.scope);
        let refused = GitRefused::of(&command, &context);
        refused.watch(&mut opened.streams);
        let mut started = self.start(&command, context, opened.stdio, place).await?;
        // Of its own, because it may be cancelled after its call.
        let cancel = owner.cancel.child_token();
        started.stops.cancel = cancel.clone();
        let (asks, inbox) = mpsc::channel(ASKS);
        started.supervisor.listen(inbox);
        let progress = started.supervisor.progress();
        let tree = Tree {
            id,
            owner,
            program: command.spec().program.clone(),
            label: command.spec().label.clone(),
            started_at: SystemTime::now(),
            cancel,
            asks,
            progress: progress.subscribe(),
            told: false.into(),
            stdin: opened.stdin,
            stdout: opened.stdout,
            stderr: opened.stderr,
            _shares: [record, rings],
        };
        let child = Child::insert(&self.0.children, tree);
        let asked = Asked::of(&command);
        let pace = Arc::clone(&self.0.pace);
        tokio::spawn(async move {
            let status = follow(started, opened.streams, asked, &progress, &pace).await;
            refused.tell(&status);
        });
        Ok(child)
    }

    /// A handle on a child that was detached by the capsule and principal of a call.
    ///
    /// # Errors
    ///
    /// [`ChildError::Unknown`] for every id that is not one of those.
    pub(crate) fn attach(&self, id: &str, scope: &CallScope) -> Result<Child, ChildError> {
        Child::attach(&self.0.children, id, scope)
    }

    /// The children of a call's capsule and principal that are not released, oldest
    /// first.
    #[must_use]
    pub(crate) fn list(&self, scope: &CallScope) -> Vec<ChildSummary> {
        self.0.children.list(scope)
    }

    /// Cancels the detached children that calls with these ids left behind;
    /// returns how many there were. What still belongs to a call is cancelled
    /// with it.
    pub(crate) fn cancel(&self, call_ids: &[&str]) -> usize {
        self.0.children.cancel(call_ids)
    }

    /// Releases the children of a capsule that was unloaded. They are ended by
    /// the token that they were started with.
    pub(crate) fn forget(&self, capsule: CapsuleUuid) {
        self.0.children.forget(capsule);
    }

    /// How long it takes at most until a process that is asked to end has ended.
    pub(crate) fn longest_end(&self) -> Duration {
        let settings = &self.0.settings;
        let asked = settings
            .grace
            .interrupt
            .saturating_add(settings.grace.terminate);
        asked
            .saturating_add(settings.drain)
            .saturating_add(TEARDOWN)
    }

    /// Begins the end of every process. Later commands are refused.
    pub(crate) fn stop(&self) {
        self.0.shutdown.cancel();
        self.0.live.close();
    }

    /// Ends every process, and waits until they are gone. Later commands are refused.
    pub(crate) async fn shut_down(&self) {
        self.stop();
        self.0.live.wait().await;
        self.0.sandbox.end_standbys().await;
        // There are none where nothing was started.
        if let Some(Ok(threads)) = self.0.threads.get() {
            let sandbox = self.0.sandbox.clone();
            // It ends the service whether or not that could be looked at.
            let _ = threads.spawn(move || sandbox.finish()).await;
        }
    }

    /// A place for a live process. It is given back when every process of its
    /// sandbox has ended.
    fn place(&self, quota: &Arc<Quota>, context: &RunContext) -> Result<Arc<Share>, ProcessError> {
        if self.0.shutdown.is_cancelled() || context.scope.unloaded.is_cancelled() {
            return Err(ProcessError::ShuttingDown);
        }
        if context.scope.cancel.is_cancelled() {
            return Err(ProcessError::Cancelled);
        }
        take(quota, context, 1).map(Arc::new)
    }

    fn ring_space(
        &self,
        command: &AuthorizedCommand,
        context: &RunContext,
    ) -> Result<Share, ProcessError> {
        let bytes = [command.spec().stdout, command.spec().stderr]
            .map(|keep| match keep {
                Keep::Ring(bytes) => bytes,
                Keep::Null | Keep::Log | Keep::Stream => 0,
            })
            .into_iter()
            .fold(0, u64::saturating_add);
        self.0
            .rings
            .take(context.scope.capsule().as_str(), bytes)
            .map_err(|over| ProcessError::RingSpace {
                limit: over.limit,
                wanted: over.wanted,
            })
    }

    fn open(
        &self,
        command: &AuthorizedCommand,
        process: Uuid,
        context: &RunContext,
    ) -> Result<Opened, HostError> {
        streams::open(command, &self.0.sandbox, process, &context.lines).map_err(HostError::Stream)
    }
}

/// How many questions to a child's supervisor may wait; further ones wait to be asked.
const ASKS: usize = 16;

/// Follows a child to its end, and tells it.
async fn follow(
    started: Started,
    mut streams: Streams,
    asked: Asked,
    progress: &watch::Sender<Progress>,
    pace: &Pace,
) -> ExitStatus {
    let scope = Arc::clone(&started.stops.scope);
    let following = started.supervisor.follow(started.stops, &mut streams, pace);
    let result = following.await;
    // First the ends of the streams, so that whoever knows the exit finds them.
    for capture in [&mut streams.stdout, &mut streams.stderr]
        .into_iter()
        .flatten()
    {
        capture.finish();
    }
    let ending = match result {
        Ok(life) => {
            tell_what_was_full(scope.capsule().as_str(), &life);
            TreeEnd {
                exit: asked.exit(&life),
                usage: life.usage,
                elapsed: life.elapsed,
            }
        }
        Err(error) => unwatched(&asked, &error),
    };
    started.place.give_back();
    let status = ending.exit.status.clone();
    progress.send_replace(Progress::Exited(Arc::new(ending)));
    status
}

fn unwatched(asked: &Asked, error: &io::Error) -> TreeEnd {
    tracing::error!("cannot watch a child's sandbox: {error}");
    TreeEnd {
        exit: asked.unwatched(error),
        usage: Usage::default(),
        elapsed: Duration::ZERO,
    }
}

fn output(asked: &Asked, life: Life, streams: Streams) -> Output {
    let take = |capture: Option<Capture>| {
        capture.map_or_else(Captured::default, |mut capture| {
            capture.finish();
            capture.take()
        })
    };
    Output {
        exit: asked.exit(&life),
        stdout: take(streams.stdout),
        stderr: take(streams.stderr),
        elapsed: life.elapsed,
        usage: life.usage,
    }
}

fn take(quota: &Arc<Quota>, context: &RunContext, amount: u64) -> Result<Share, ProcessError> {
    quota
        .take(context.scope.capsule().as_str(), amount)
        .map_err(|OverQuota { limit, .. }| {
            ProcessError::TooMany(u32::try_from(limit).unwrap_or(u32::MAX))
        })
}

fn refuse_what_only_children_have(command: &AuthorizedCommand) -> Result<(), ProcessError> {
    let spec = command.spec();
    if spec.stdin == Input::Pipe {
        return Err(ProcessError::Invalid(
            "stdin is a pipe, which only a spawned child has".into(),
        ));
    }
    if [spec.stdout, spec.stderr].contains(&Keep::Stream) {
        return Err(ProcessError::Invalid(
            "an output is kept as a stream, which only a spawned child has".into(),
        ));
    }
    Ok(())
}
