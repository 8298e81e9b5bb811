//! A handle on a spawned process tree.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::unix::pipe;
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;
use uuid::Uuid;

use super::child_error::ChildError;
use super::children::Children;
use super::lines::OutputStream;
use super::output::{Exit, Output};
use super::tail::Chunk;
use super::tree::{Ask, Outlet, Phase, Progress, Tree};
use crate::call::CallScope;
use crate::locked::lock;
use crate::sandbox::Usage;

/// A process tree that was started and is driven from beside it.
///
/// Dropping the handle kills the tree, unless it was [detached](Self::detach).
/// A detached child is released when a handle on it is dropped after its exit
/// was returned, or when its capsule is unloaded.
// The generated bindings re-export it.
#[allow(unreachable_pub)]
#[derive(Debug)]
pub struct Child {
    tree: Arc<Tree>,
    children: Arc<Children>,
}

/// How a child is doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChildStatus {
    /// Where it is in its life.
    pub(crate) phase: Phase,
    /// Its exit, once it has one.
    pub(crate) exit: Option<Exit>,
    /// What its tree has used so far.
    pub(crate) usage: Usage,
}

/// Becomes ready when a child has ended.
#[derive(Debug, Clone)]
pub(crate) struct Exited(watch::Receiver<Progress>);

impl Child {
    /// Takes in a tree that was started, and returns the first handle on it.
    pub(super) fn insert(children: &Arc<Children>, tree: Tree) -> Self {
        Self {
            tree: children.insert(tree),
            children: Arc::clone(children),
        }
    }

    /// A handle on a detached child of the same capsule and principal. All that
    /// is not one gives the same error.
    pub(super) fn attach(
        children: &Arc<Children>,
        id: &str,
        scope: &CallScope,
    ) -> Result<Self, ChildError> {
        Ok(Self {
            tree: children.attach(id, scope)?,
            children: Arc::clone(children),
        })
    }

    /// Unguessable, and good for the same capsule and principal only.
    #[must_use]
    pub(crate) fn id(&self) -> Uuid {
        self.tree.id
    }

    /// Writes to standard input. Waits while the pipe is full, at most for
    /// `patience`, and returns how many bytes were taken.
    ///
    /// # Errors
    ///
    /// There is no pipe, a stream has it, or it is closed at either end.
    pub(crate) async fn write(&self, bytes: &[u8], patience: Duration) -> Result<u64, ChildError> {
        self.tree.stdin.write(bytes, patience).await
    }

    /// Closes standard input; closing again changes nothing.
    ///
    /// # Errors
    ///
    /// There is no pipe, or a stream has it.
    pub(crate) fn close_stdin(&self) -> Result<(), ChildError> {
        self.tree.stdin.close()
    }

    /// Standard input as a pipe, once.
    ///
    /// # Errors
    ///
    /// There is none, it was taken, it is being written to, or it is closed.
    pub(crate) fn take_stdin(&self) -> Result<pipe::Sender, ChildError> {
        self.tree.stdin.take()
    }

    /// An output that is kept as a stream, once.
    ///
    /// # Errors
    ///
    /// It is kept in another way, or was taken.
    pub(crate) fn take_output(&self, stream: OutputStream) -> Result<pipe::Receiver, ChildError> {
        match self.outlet(stream) {
            Outlet::Stream(pipe) => lock(pipe).take().ok_or(ChildError::WrongStream),
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
    pub(crate) async fn read(
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

    /// Returns how it is doing now.
    pub(crate) async fn status(&self) -> ChildStatus {
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
    pub(crate) async fn wait(
        &self,
        patience: Option<Duration>,
    ) -> Result<Option<Exit>, ChildError> {
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
    pub(crate) fn exited(&self) -> Exited {
        Exited(self.tree.progress.clone())
    }

    /// Sends a signal to every process of the tree. When there is none any
    /// more, nothing happens.
    pub(crate) async fn signal(&self, signal: i32) {
        self.ask(Ask::Signal(signal)).await;
    }

    /// Interrupts, terminates after `grace` (the host's setting when there is
    /// none), then kills; returns the exit.
    ///
    /// # Errors
    ///
    /// As [`Child::wait`].
    pub(crate) async fn stop(&self, grace: Option<Duration>) -> Result<Exit, ChildError> {
        self.ask(Ask::Stop(grace)).await;
        let ending = self.tree.ending().await?;
        Ok(self.tree.tell(&ending))
    }

    /// Kills at once, and returns what was still in the rings.
    ///
    /// # Errors
    ///
    /// As [`Child::wait`].
    pub(crate) async fn kill(&self) -> Result<Output, ChildError> {
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
    /// long as its capsule stays loaded; returns the id to find it by.
    pub(crate) async fn detach(&self) -> Uuid {
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

impl Exited {
    /// Waits until the child has ended and its exit is known.
    pub(crate) async fn wait(&mut self) {
        // Fails when the child is not watched any more, which is an end too.
        let _ = self.0.wait_for(Progress::is_exited).await;
    }
}
