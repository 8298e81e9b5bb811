//! A handle on a spawned process tree.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::net::unix::pipe;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::children::Children;
use super::lines::OutputStream;
use super::output::{Captured, Exit, Output};
use super::quota::Share;
use super::stdin::Stdin;
use super::supervisor::Ask;
use super::tail::{Chunk, Tail};
use crate::call::CallScope;
use crate::sandbox::Usage;

/// A process tree that was started and is driven from beside it.
///
/// Dropping the handle kills the tree, unless it was [detached](Self::detach).
/// A detached child is released when a handle on it is dropped after its exit
/// was told, or when its capsule is unloaded.
#[derive(Debug)]
pub struct Child {
    tree: Arc<Tree>,
    children: Arc<Children>,
}

/// What is known of a tree for as long as anybody may ask.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) id: Uuid,
    /// The call that started it.
    pub(super) owner: Arc<CallScope>,
    pub(super) program: String,
    pub(super) label: Option<String>,
    pub(super) started_at: SystemTime,
    /// Cancelled with the call that started it, and by that call's id later.
    pub(super) cancel: CancellationToken,
    /// When the last one is dropped the supervisor kills the tree.
    pub(super) asks: mpsc::Sender<Ask>,
    pub(super) progress: watch::Receiver<Progress>,
    /// Whether anybody was told its exit.
    pub(super) told: AtomicBool,
    pub(super) stdin: Stdin,
    pub(super) stdout: Outlet,
    pub(super) stderr: Outlet,
    /// What a capsule may have of children and of memory for their rings.
    pub(super) _shares: [Share; 2],
}

/// How far a tree is in its life.
#[derive(Debug, Clone)]
pub(super) enum Progress {
    Starting,
    Running,
    Exited(Arc<Ending>),
}

/// What is known of a tree that has ended.
#[derive(Debug)]
pub(super) struct Ending {
    pub(super) exit: Exit,
    pub(super) usage: Usage,
    pub(super) elapsed: Duration,
}

/// Where an output of a child can be had.
#[derive(Debug)]
pub(super) enum Outlet {
    /// Nowhere: it is discarded or logged.
    None,
    Ring(Arc<Tail>),
    /// Until a stream takes it.
    Stream(Mutex<Option<pipe::Receiver>>),
}

/// Where a child is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The sandbox is being built.
    Starting,
    /// The program runs.
    Running,
    /// It has ended, and its exit is known.
    Exited,
}

/// How a child is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChildStatus {
    /// Where it is in its life.
    pub phase: Phase,
    /// Its exit, once it has one.
    pub exit: Option<Exit>,
    /// What its tree has used so far.
    pub usage: Usage,
}

/// What a listing tells of a child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChildSummary {
    /// Unguessable.
    pub id: Uuid,
    /// The command's label.
    pub label: Option<String>,
    /// The program as the capsule named it.
    pub program: String,
    /// Where it is in its life.
    pub phase: Phase,
    /// Whether it lives on without a handle.
    pub detached: bool,
    /// When it was started.
    pub started_at: SystemTime,
}

/// Why an operation on a child was not done.
#[derive(Debug, thiserror::Error)]
pub enum ChildError {
    /// There is no such child, or it is someone else's.
    #[error("no such child")]
    Unknown,
    /// The child keeps this stream in another way, or it was taken before.
    #[error("the child keeps this stream in another way, or it was taken before")]
    WrongStream,
    /// The child's standard input is closed.
    #[error("the child's standard input is closed")]
    Closed,
    /// The operating system failed the host.
    #[error("{0}")]
    Host(#[source] io::Error),
}

/// Becomes ready when a child has ended.
#[derive(Debug, Clone)]
pub struct Exited(watch::Receiver<Progress>);

impl Child {
    pub(super) fn new(tree: Arc<Tree>, children: Arc<Children>) -> Self {
        Self { tree, children }
    }

    /// Unguessable, and good for the same capsule and principal only.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.tree.id
    }

    /// Writes to standard input. Waits while the pipe is full, at most for
    /// `patience`, and gives how many bytes were taken.
    ///
    /// # Errors
    ///
    /// There is no pipe, a stream has it, or it is closed at either end.
    pub async fn write(&self, bytes: &[u8], patience: Duration) -> Result<u64, ChildError> {
        self.tree.stdin.write(bytes, patience).await
    }

    /// Closes standard input; closing again changes nothing.
    ///
    /// # Errors
    ///
    /// There is no pipe, or a stream has it.
    pub fn close_stdin(&self) -> Result<(), ChildError> {
        self.tree.stdin.close()
    }

    /// Standard input as a pipe, once.
    ///
    /// # Errors
    ///
    /// There is none, it was taken, it is being written to, or it is closed.
    pub fn take_stdin(&self) -> Result<pipe::Sender, ChildError> {
        self.tree.stdin.take()
    }

    /// An output that is kept as a stream, once.
    ///
    /// # Errors
    ///
    /// It is kept in another way, or was taken.
    pub fn take_output(&self, stream: OutputStream) -> Result<pipe::Receiver, ChildError> {
        match self.outlet(stream) {
            Outlet::Stream(pipe) => pipe
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take()
                .ok_or(ChildError::WrongStream),
            Outlet::None | Outlet::Ring(_) => Err(ChildError::WrongStream),
        }
    }

    /// Reads at most `max` bytes of an output that is kept in a ring, from the
    /// absolute position `cursor` on. Waits until there is one, the stream has
    /// ended, or `patience` is over; then the chunk may be empty.
    ///
    /// # Errors
    ///
    /// The output is not kept in a ring.
    pub async fn read(
        &self,
        stream: OutputStream,
        cursor: u64,
        max: u32,
        patience: Duration,
    ) -> Result<Chunk, ChildError> {
        match self.outlet(stream) {
            Outlet::Ring(tail) => Ok(tail.read(cursor, max as usize, patience).await),
            Outlet::None | Outlet::Stream(_) => Err(ChildError::WrongStream),
        }
    }

    /// How it is doing now.
    pub async fn status(&self) -> ChildStatus {
        let (reply, answer) = oneshot::channel();
        let asked = self.tree.asks.send(Ask::Usage(reply)).await;
        // There is no answer once it has ended, and then its end tells.
        let so_far = match asked {
            Ok(()) => answer.await.unwrap_or_default(),
            Err(_) => Usage::default(),
        };
        let progress = self.tree.progress.borrow().clone();
        match &progress {
            Progress::Exited(ending) => ChildStatus {
                phase: Phase::Exited,
                exit: Some(self.tree.tell(ending)),
                usage: ending.usage,
            },
            running => ChildStatus {
                phase: running.phase(),
                exit: None,
                usage: so_far,
            },
        }
    }

    /// Waits for the end; `None` when `patience` was over first.
    ///
    /// # Errors
    ///
    /// The host stopped watching the child, because its own runtime ends.
    pub async fn wait(&self, patience: Option<Duration>) -> Result<Option<Exit>, ChildError> {
        let ending = match patience {
            None => self.tree.ending().await?,
            Some(patience) => match timeout(patience, self.tree.ending()).await {
                Ok(ending) => ending?,
                Err(_) => return Ok(None),
            },
        };
        Ok(Some(self.tree.tell(&ending)))
    }

    /// Becomes ready when it has ended.
    #[must_use]
    pub fn exited(&self) -> Exited {
        Exited(self.tree.progress.clone())
    }

    /// Sends a signal to every process of the tree. When there is none any
    /// more, nothing happens.
    pub async fn signal(&self, signal: i32) {
        self.ask(Ask::Signal(signal)).await;
    }

    /// Interrupts, terminates after `grace` (the host's setting when there is
    /// none), then kills; gives the exit.
    ///
    /// # Errors
    ///
    /// As [`Child::wait`].
    pub async fn stop(&self, grace: Option<Duration>) -> Result<Exit, ChildError> {
        self.ask(Ask::Stop(grace)).await;
        let ending = self.tree.ending().await?;
        Ok(self.tree.tell(&ending))
    }

    /// Kills at once, and gives what was still in the rings.
    ///
    /// # Errors
    ///
    /// As [`Child::wait`].
    pub async fn kill(&self) -> Result<Output, ChildError> {
        self.ask(Ask::Kill).await;
        let ending = self.tree.ending().await?;
        Ok(Output {
            exit: self.tree.tell(&ending),
            stdout: self.tree.stdout.captured(),
            stderr: self.tree.stderr.captured(),
            elapsed: ending.elapsed,
            usage: ending.usage,
        })
    }

    /// Lets it live on when its handles are dropped and its call has ended, as
    /// long as its capsule stays loaded; gives the id to find it by.
    pub async fn detach(&self) -> Uuid {
        // First it is kept, so that no drop in between can end it.
        self.children.detach(&self.tree);
        let (reply, detached) = oneshot::channel();
        self.ask(Ask::Detach(reply)).await;
        // An error means that it has ended, and belongs to nothing.
        let _ = detached.await;
        self.tree.id
    }

    fn outlet(&self, stream: OutputStream) -> &Outlet {
        match stream {
            OutputStream::Stdout => &self.tree.stdout,
            OutputStream::Stderr => &self.tree.stderr,
        }
    }

    async fn ask(&self, ask: Ask) {
        // Nobody listens once the tree has ended, which is what the waiting
        // that follows then finds.
        let _ = self.tree.asks.send(ask).await;
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.children.let_go(&self.tree);
    }
}

impl Tree {
    pub(super) fn phase(&self) -> Phase {
        self.progress.borrow().phase()
    }

    /// Whether it may be released: nobody would learn more of it.
    pub(super) fn is_told(&self) -> bool {
        self.told.load(Ordering::Relaxed)
    }

    fn tell(&self, ending: &Ending) -> Exit {
        self.told.store(true, Ordering::Relaxed);
        ending.exit.clone()
    }

    async fn ending(&self) -> Result<Arc<Ending>, ChildError> {
        let mut progress = self.progress.clone();
        let gone = |_| ChildError::Host(io::Error::other("the child is not watched any more"));
        let reached = progress.wait_for(Progress::is_exited).await.map_err(gone)?;
        match &*reached {
            Progress::Exited(ending) => Ok(Arc::clone(ending)),
            Progress::Starting | Progress::Running => Err(ChildError::Unknown),
        }
    }
}

impl Progress {
    fn phase(&self) -> Phase {
        match self {
            Self::Starting => Phase::Starting,
            Self::Running => Phase::Running,
            Self::Exited(_) => Phase::Exited,
        }
    }

    fn is_exited(&self) -> bool {
        self.phase() == Phase::Exited
    }
}

impl Outlet {
    fn captured(&self) -> Captured {
        match self {
            Self::Ring(tail) => tail.captured(),
            Self::None | Self::Stream(_) => Captured::default(),
        }
    }
}

impl Exited {
    /// Waits until the child has ended and its exit is known.
    pub async fn wait(&mut self) {
        // Fails when the child is not watched any more, which is an end too.
        let _ = self.0.wait_for(Progress::is_exited).await;
    }
}
