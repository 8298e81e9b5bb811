//! What ends a process before it ends itself.

use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::output::{Cause, ProcessLimit};
use crate::call::{CallScope, passed};
use crate::sandbox::Child;

/// How often the processor time of a tree is looked at, when it has a limit.
const SAMPLING: Duration = Duration::from_millis(100);

/// What ends a process before it ends itself.
pub(super) struct Stops {
    /// The host stops.
    pub(super) shutdown: CancellationToken,
    /// The call that it was started by.
    pub(super) scope: Arc<CallScope>,
    /// The call, or all that a call with its id left behind, is cancelled.
    pub(super) cancel: CancellationToken,
    /// The command's own deadline.
    pub(super) deadline: Option<Instant>,
    /// Binds it to its call, which is not over while this is held; `None` once it is
    /// detached.
    pub(super) call: Option<TaskTrackerToken>,
    /// The processor time that the whole tree may use.
    pub(super) cpu: Option<Duration>,
}

impl Stops {
    /// Waits until something wants the process to end.
    pub(super) async fn asked(&self, child: &Child) -> Cause {
        let call = self.call.as_ref().and_then(|_| self.scope.ends_at());
        let deadline = [self.deadline, call].into_iter().flatten().min();
        tokio::select! {
            biased;
            () = self.shutdown.cancelled() => Cause::Shutdown,
            () = self.scope.unloaded.cancelled() => Cause::Shutdown,
            () = self.cancel.cancelled() => Cause::Cancelled,
            () = self.answered() => Cause::Cancelled,
            () = passed(deadline) => Cause::TimedOut,
            () = spent(child, self.cpu) => Cause::Limit(ProcessLimit::CpuSeconds),
        }
    }

    async fn answered(&self) {
        match &self.call {
            Some(_) => self.scope.answered.cancelled().await,
            None => pending().await,
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
