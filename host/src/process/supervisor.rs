//! Owns one running sandbox: follows it to its end, and ends it when asked.
//!
//! Dropping the future of [`Supervisor::follow`] at any point ends the process
//! tree: it owns the control pipe, whose closing the init takes for the end,
//! and the child, which the launcher's thread then reaps.

use std::future::pending;
use std::io;
use std::pin::{Pin, pin};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::capture::Capture;
use super::child::Progress;
use super::output::{Cause, LimitKind};
use crate::sandbox::{Child, Control, End, Ends, LaunchStep, MESSAGE_BYTES, Message, Usage};

/// How often the processor time of a tree is looked at, when it has a limit.
const SAMPLING: Duration = Duration::from_millis(100);
/// How long the host's own part of a sandbox may take to go away.
const TEARDOWN: Duration = Duration::from_secs(2);

/// How long a process that has to end is asked before it is made to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grace {
    /// From SIGINT to SIGTERM.
    pub interrupt: Duration,
    /// From SIGTERM to SIGKILL.
    pub terminate: Duration,
}

impl Default for Grace {
    /// 2 s, then 1 s.
    fn default() -> Self {
        Self {
            interrupt: Duration::from_secs(2),
            terminate: Duration::from_secs(1),
        }
    }
}

/// What ends a process before it ends itself.
pub(super) struct Stops {
    /// The host stops.
    pub(super) shutdown: CancellationToken,
    /// The capsule is unloaded.
    pub(super) unloaded: CancellationToken,
    /// The call, or all that a call with its id left behind, is cancelled.
    pub(super) cancel: CancellationToken,
    /// The command's own deadline.
    pub(super) deadline: Option<Instant>,
    /// The call that it belongs to; `None` once it is detached.
    pub(super) call: Option<CallHold>,
    /// The processor time that the whole tree may use.
    pub(super) cpu: Option<Duration>,
}

/// What binds a process to its call.
pub(super) struct CallHold {
    pub(super) deadline: Option<Instant>,
    /// The call is not over while this is held.
    pub(super) _running: TaskTrackerToken,
}

/// What the holder of a child asks of its supervisor.
#[derive(Debug)]
pub(super) enum Ask {
    Usage(oneshot::Sender<Usage>),
    Signal(i32),
    /// To end it, with this long from SIGINT to SIGTERM.
    Stop(Option<Duration>),
    Kill,
    Detach,
}

/// The host's ends of the command's streams.
#[derive(Default)]
pub(super) struct Streams {
    /// What the command reads, and where it is written.
    pub(super) stdin: Option<(Vec<u8>, pipe::Sender)>,
    pub(super) stdout: Option<Capture>,
    pub(super) stderr: Option<Capture>,
}

/// What is known at the end.
#[derive(Debug)]
pub(super) struct Life {
    pub(super) ended: Ended,
    pub(super) elapsed: Duration,
    pub(super) usage: Usage,
    /// Why it was made to end; `None` when it was not.
    pub(super) stopped: Option<Cause>,
    /// The signals that its holder sent.
    pub(super) signalled: Signals,
}

/// A set of signals.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Signals(u64);

impl Signals {
    fn add(&mut self, signal: i32) {
        self.0 |= 1u64.checked_shl(signal as u32).unwrap_or_default();
    }

    pub(super) fn has(self, signal: u8) -> bool {
        self.0 >> (signal & 63) & 1 == 1
    }
}

/// How it ended.
#[derive(Debug)]
pub(super) enum Ended {
    Command(End),
    /// The program did not start.
    NotStarted {
        step: LaunchStep,
        errno: i32,
    },
    /// The sandbox did not come up; what its builder said.
    NoSandbox(String),
}

/// One running sandbox.
pub(super) struct Supervisor {
    child: Child,
    status: pipe::Receiver,
    control: Control,
    grace: Grace,
    drain: Duration,
    progress: watch::Sender<Progress>,
    /// `None` when nobody can ask, or nobody is left who could.
    asks: Option<mpsc::Receiver<Ask>>,
}

impl Supervisor {
    pub(super) fn new(child: Child, ends: Ends, grace: Grace, drain: Duration) -> io::Result<Self> {
        Ok(Self {
            child,
            status: pipe::Receiver::from_owned_fd(ends.status)?,
            control: ends.control,
            grace,
            drain,
            progress: watch::Sender::new(Progress::Starting),
            asks: None,
        })
    }

    /// Listens to the holders of a child. When the last one is gone, it kills.
    pub(super) fn listen(&mut self, asks: mpsc::Receiver<Ask>) {
        self.asks = Some(asks);
    }

    /// Tells that the program runs; the end is for whoever calls [`Self::follow`].
    pub(super) fn progress(&self) -> watch::Sender<Progress> {
        self.progress.clone()
    }

    /// Follows the sandbox until nothing of it is left.
    pub(super) async fn follow(self, stops: Stops, streams: &mut Streams) -> io::Result<Life> {
        let drain = self.drain;
        let mut moving = pin!(move_bytes(streams));
        let mut life = pin!(self.live(stops));
        let mut moved = false;
        let life = loop {
            tokio::select! {
                life = &mut life => break life?,
                result = &mut moving, if !moved => {
                    result?;
                    moved = true;
                }
            }
        };
        // What was written before the end is in the pipes; nobody is left to
        // write more, unless the sandbox did not go away as it should have.
        if !moved && let Ok(result) = timeout(drain, moving).await {
            result?;
        }
        Ok(life)
    }

    async fn live(mut self, mut stops: Stops) -> io::Result<Life> {
        let mut record = Record::default();
        let mut stop = Stop::new(self.grace);
        let mut signalled = Signals::default();
        while record.ended.is_none() {
            tokio::select! {
                biased;
                message = next_message(&mut self.status) => match message? {
                    Some(message) => self.note(&mut record, message),
                    None => break,
                },
                cause = stops.asked(&self.child), if stop.may_begin() => {
                    stop.begin(cause, self.grace, &self.control);
                }
                ask = next_ask(&mut self.asks) => match ask {
                    Some(Ask::Usage(reply)) => {
                        // Whoever asked may have gone.
                        let _ = reply.send(self.child.usage());
                    }
                    Some(Ask::Signal(signal)) => {
                        signalled.add(signal);
                        self.control.signal(signal);
                    }
                    Some(Ask::Stop(grace)) => {
                        let interrupt = grace.unwrap_or(self.grace.interrupt);
                        let grace = Grace { interrupt, ..self.grace };
                        if stop.cause.is_none() {
                            stop.begin(Cause::Requested, grace, &self.control);
                        }
                    }
                    Some(Ask::Kill) => stop.kill(&self.control),
                    Some(Ask::Detach) => stops.call = None,
                    None => {
                        self.asks = None;
                        // What is being ended already keeps its grace.
                        if stop.cause.is_none() {
                            stop.kill(&self.control);
                        }
                    }
                },
                () = stop.wait(), if stop.cause.is_some() => {
                    if !stop.next(&self.control) {
                        break;
                    }
                }
            }
        }
        let Self { child, control, .. } = self;
        let ended = record.ended(stop.cause, &control)?;
        let elapsed = record.elapsed();
        // Ends an init that has not ended by itself.
        drop(control);
        // When the builder takes too long, the launcher's thread sees to it alone.
        if let Ok(gone) = timeout(TEARDOWN, child.gone()).await {
            gone?;
        }
        Ok(Life {
            ended,
            elapsed,
            usage: record.usage,
            stopped: stop.cause,
            signalled,
        })
    }

    fn note(&self, record: &mut Record, message: Message) {
        if matches!(message, Message::Started) {
            self.progress.send_replace(Progress::Running);
        }
        record.note(message);
    }
}

/// What is asked next; `None` when nobody is left who could ask.
async fn next_ask(asks: &mut Option<mpsc::Receiver<Ask>>) -> Option<Ask> {
    match asks {
        Some(asks) => asks.recv().await,
        None => pending().await,
    }
}

/// Moves what the command reads and writes, until every stream has ended.
async fn move_bytes(streams: &mut Streams) -> io::Result<()> {
    let Streams {
        stdin,
        stdout,
        stderr,
    } = streams;
    let (fed, out, err) = tokio::join!(feed(stdin.take()), drain(stdout), drain(stderr));
    fed.and(out).and(err)
}

async fn feed(input: Option<(Vec<u8>, pipe::Sender)>) -> io::Result<()> {
    let Some((bytes, mut pipe)) = input else {
        return Ok(());
    };
    match pipe.write_all(&bytes).await {
        // It need not read everything.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

async fn drain(capture: &mut Option<Capture>) -> io::Result<()> {
    match capture {
        Some(capture) => capture.drain().await,
        None => Ok(()),
    }
}

/// The next message, `None` when there is none to come. Loses none when dropped:
/// the init writes each at once, and it is read at once.
async fn next_message(status: &mut pipe::Receiver) -> io::Result<Option<Message>> {
    let mut bytes = [0; MESSAGE_BYTES];
    let count = status.read(&mut bytes).await?;
    if count != MESSAGE_BYTES {
        return Ok(None);
    }
    Ok(Message::decode(&bytes))
}

impl Stops {
    /// Waits until something wants the process to end.
    async fn asked(&self, child: &Child) -> Cause {
        let call = self.call.as_ref().and_then(|call| call.deadline);
        let deadline = [self.deadline, call].into_iter().flatten().min();
        tokio::select! {
            biased;
            () = self.shutdown.cancelled() => Cause::Shutdown,
            () = self.unloaded.cancelled() => Cause::Shutdown,
            () = self.cancel.cancelled() => Cause::Cancelled,
            () = passed(deadline) => Cause::TimedOut,
            () = spent(child, self.cpu) => Cause::Limit(LimitKind::CpuSeconds),
        }
    }
}

/// Waits until the whole tree has used as much processor time as it may. The
/// kernel's own limit is for each process alone.
async fn spent(child: &Child, limit: Option<Duration>) {
    let Some(limit) = limit else {
        return pending().await;
    };
    while child.usage().cpu < limit {
        sleep(SAMPLING).await;
    }
}

async fn passed(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline.into()).await,
        None => pending().await,
    }
}

/// The way from asking a process tree to end to making it.
struct Stop {
    cause: Option<Cause>,
    grace: Grace,
    stage: Stage,
    timer: Pin<Box<tokio::time::Sleep>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Running,
    Interrupted,
    Terminated,
    Killed,
}

impl Stop {
    fn new(grace: Grace) -> Self {
        Self {
            cause: None,
            grace,
            stage: Stage::Running,
            timer: Box::pin(sleep(Duration::ZERO)),
        }
    }

    async fn wait(&mut self) {
        self.timer.as_mut().await;
    }

    /// Whether a cause would change anything: what the capsule asked for gives
    /// way to what the host wants, which has no patience but the host's.
    fn may_begin(&self) -> bool {
        matches!(self.cause, None | Some(Cause::Requested)) && self.stage != Stage::Killed
    }

    fn begin(&mut self, cause: Cause, grace: Grace, control: &Control) {
        self.cause = Some(cause);
        self.grace = grace;
        match self.stage {
            Stage::Running => {
                self.next(control);
            }
            Stage::Interrupted => self.be_patient(grace.interrupt),
            Stage::Terminated | Stage::Killed => {}
        }
    }

    fn kill(&mut self, control: &Control) {
        self.cause.get_or_insert(Cause::Requested);
        self.stage = Stage::Terminated;
        self.next(control);
    }

    fn be_patient(&mut self, patience: Duration) {
        self.timer
            .as_mut()
            .reset(tokio::time::Instant::now() + patience);
    }

    /// Goes a stage further; false when there is none.
    fn next(&mut self, control: &Control) -> bool {
        let (stage, signal, patience) = match self.stage {
            Stage::Running => (Stage::Interrupted, libc::SIGINT, self.grace.interrupt),
            Stage::Interrupted => (Stage::Terminated, libc::SIGTERM, self.grace.terminate),
            Stage::Terminated => (Stage::Killed, libc::SIGKILL, TEARDOWN),
            Stage::Killed => return false,
        };
        control.signal(signal);
        self.stage = stage;
        self.be_patient(patience);
        true
    }
}

/// What the init told so far.
#[derive(Default)]
struct Record {
    started: Option<Instant>,
    ended: Option<Ended>,
    elapsed: Option<Duration>,
    usage: Usage,
}

impl Record {
    fn note(&mut self, message: Message) {
        match message {
            Message::Started => self.started = Some(Instant::now()),
            Message::Failed { step, errno } => {
                self.ended = Some(Ended::NotStarted { step, errno });
            }
            Message::Ended {
                end,
                elapsed,
                usage,
            } => {
                self.ended = Some(Ended::Command(end));
                self.elapsed = Some(elapsed);
                self.usage = usage;
            }
        }
    }

    fn elapsed(&self) -> Duration {
        let so_far = || self.started.map(|started| started.elapsed());
        self.elapsed.or_else(so_far).unwrap_or_default()
    }

    /// How it ended, also when the init could not tell.
    fn ended(&mut self, stopped: Option<Cause>, control: &Control) -> io::Result<Ended> {
        if let Some(ended) = self.ended.take() {
            return Ok(ended);
        }
        // An init that ran and said nothing was killed itself; so was a
        // sandbox that was stopped before it came up.
        if self.started.is_some() || stopped.is_some() {
            return Ok(Ended::Command(End::Signal(libc::SIGKILL as u8)));
        }
        Ok(Ended::NoSandbox(control.complaint()?))
    }
}
