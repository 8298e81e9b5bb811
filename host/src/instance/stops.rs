//! What ends a guest that does not end itself.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use super::error::InvokeError;
use crate::call::{CallScope, passed};

/// What ends a call: it is cancelled, its capsule is unloaded, its time is up.
pub(super) struct Stops {
    scope: Arc<CallScope>,
    time: Duration,
}

impl Stops {
    /// What ends this call, which may take so long if it has a deadline.
    pub(super) fn of(scope: &Arc<CallScope>, time: Duration) -> Self {
        scope.running.close();
        Self {
            scope: Arc::clone(scope),
            time,
        }
    }

    /// The guest's work, until it is done or stopped.
    pub(super) async fn hold<T>(
        self,
        work: impl Future<Output = Result<T, InvokeError>>,
    ) -> Result<T, InvokeError> {
        let scope = &*self.scope;
        if scope.is_cancelled() {
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
                return if scope.is_cancelled() { Err(InvokeError::Cancelled) } else { done };
            }
            () = scope.cancel.cancelled() => InvokeError::Cancelled,
            () = scope.unloaded.cancelled() => InvokeError::Cancelled,
            () = passed(scope.ends_at()) => InvokeError::TimedOut(self.time),
        };
        // The call's processes and the calls below it heard the same; processes
        // are asked to end before they are made to. Only then is the guest
        // dropped. A guest without any is dropped now, whatever it does.
        tokio::select! {
            biased;
            () = scope.running.wait() => {}
            _ = &mut work => {}
        }
        Err(stopped)
    }
}
