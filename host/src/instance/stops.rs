//! What ends a guest that does not end itself.

use std::future::{Future, pending};
use std::pin::pin;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::error::InvokeError;
use crate::interfaces::CallContext;

/// What ends a call: it is cancelled, its capsule is unloaded, its time is up.
pub(super) struct Stops {
    cancel: CancellationToken,
    unloaded: CancellationToken,
    deadline: Option<Instant>,
    time: Duration,
    running: TaskTracker,
}

impl Stops {
    /// What ends this call, which may take so long if it has a deadline.
    pub(super) fn of(call: &CallContext, time: Duration) -> Self {
        call.running.close();
        Self {
            cancel: call.cancel.clone(),
            unloaded: call.capsule.cancel.clone(),
            deadline: call.deadline.map(|deadline| deadline.instant),
            time,
            running: call.running.clone(),
        }
    }

    /// The guest's work, until it is done or stopped.
    pub(super) async fn hold<T>(
        self,
        work: impl Future<Output = Result<T, InvokeError>>,
    ) -> Result<T, InvokeError> {
        if self.is_cancelled() {
            return Err(InvokeError::Cancelled);
        }
        let mut work = pin!(work);
        // The work first: most is done when it is first looked at, and then
        // nothing has to be listened for.
        let stopped = tokio::select! {
            biased;
            // What a cancelled call still answers, its processes having ended for
            // that, is no answer.
            done = &mut work => {
                return if self.is_cancelled() { Err(InvokeError::Cancelled) } else { done };
            }
            () = self.cancel.cancelled() => InvokeError::Cancelled,
            () = self.unloaded.cancelled() => InvokeError::Cancelled,
            () = until(self.deadline) => InvokeError::TimedOut(self.time),
        };
        // The call's processes and the calls below it heard the same; processes
        // are asked to end before they are made to. Only then is the guest
        // dropped. A guest without any is dropped now, whatever it does.
        tokio::select! {
            biased;
            () = self.running.wait() => {}
            _ = &mut work => {}
        }
        Err(stopped)
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled() || self.unloaded.is_cancelled()
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => pending().await,
    }
}
