//! A spawned process tree, as its supervisor and all who hold it share it: how far it
//! is, and what may be asked of it.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use tokio::net::unix::pipe;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::child_error::ChildError;
use super::output::{Captured, Exit};
use super::quota::Share;
use super::stdin::Stdin;
use super::tail::Tail;
use crate::call::CallScope;
use crate::sandbox::Usage;

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
    Exited(Arc<TreeEnd>),
}

/// What is known of a tree that has ended.
#[derive(Debug)]
pub(super) struct TreeEnd {
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

/// What the holder of a child asks of its supervisor.
#[derive(Debug)]
pub(super) enum Ask {
    Usage(oneshot::Sender<Usage>),
    Signal(i32),
    /// To end it, with this long from SIGINT to SIGTERM.
    Stop(Option<Duration>),
    Kill,
    /// Answered when its call has no hold on it any more.
    Detach(oneshot::Sender<()>),
}

/// Where a child is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The sandbox is being built.
    Starting,
    /// The program runs.
    Running,
    /// It has ended, and its exit is known.
    Exited,
}

impl Tree {
    pub(super) fn phase(&self) -> Phase {
        self.progress.borrow().phase()
    }

    /// Whether it may be released: nobody would learn more of it.
    pub(super) fn is_told(&self) -> bool {
        self.told.load(Ordering::Relaxed)
    }

    /// Returns the exit, and notes that somebody knows it.
    pub(super) fn tell(&self, ending: &TreeEnd) -> Exit {
        self.told.store(true, Ordering::Relaxed);
        ending.exit.clone()
    }

    /// Waits for the end.
    pub(super) async fn ending(&self) -> Result<Arc<TreeEnd>, ChildError> {
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
    pub(super) fn phase(&self) -> Phase {
        match self {
            Self::Starting => Phase::Starting,
            Self::Running => Phase::Running,
            Self::Exited(_) => Phase::Exited,
        }
    }

    pub(super) fn is_exited(&self) -> bool {
        self.phase() == Phase::Exited
    }
}

impl Outlet {
    /// What is still in the ring, if there is one.
    pub(super) fn captured(&self) -> Captured {
        match self {
            Self::Ring(tail) => tail.captured(),
            Self::None | Self::Stream(_) => Captured::default(),
        }
    }
}
