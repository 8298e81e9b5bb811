//! One call to one capsule: until when, on whose behalf, and a slot for it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::sync::SemaphorePermit;
use tokio_util::sync::CancellationToken;
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::slots::Crowded;
use super::{CallError, Dispatcher, LoadedCapsule};
use crate::call::{CallScope, Caller, Deadline};
use crate::capsule::{Capsule, CapsuleId, CapsuleState};
use crate::instance::{self, CallLimits, Event, InvokeError};
use crate::interfaces::CallContext;
use crate::services::hook::Outcome;

/// A call, whoever makes it.
pub(crate) struct Call {
    pub(crate) caller: Arc<Caller>,
    /// How long it may take, if that is less than the capsule and the host allow.
    pub(crate) time: Option<Duration>,
    /// Ends it.
    pub(crate) cancel: CancellationToken,
    /// The most bytes of its reply.
    pub(crate) reply: u64,
}

/// The slots that a call has taken.
type Taken<'a> = (SemaphorePermit<'a>, SemaphorePermit<'a>);

impl Dispatcher {
    /// Returns a loaded capsule. It stays usable until the token is dropped, even
    /// when it is replaced meanwhile.
    pub(crate) fn enter(&self, id: &CapsuleId) -> Option<(LoadedCapsule, TaskTrackerToken)> {
        loop {
            let entry = self.registry.load().by_id(id)?.clone();
            let token = entry.component.in_flight.token();
            // It is closed after it was replaced, and the calls that were there
            // before that are waited for.
            if !entry.component.in_flight.is_closed() {
                return Some((entry, token));
            }
        }
    }

    /// Calls an action of a capsule that was entered.
    pub(crate) async fn call(
        self: &Arc<Self>,
        entry: &LoadedCapsule,
        call: Call,
        action: &str,
        event: &Event,
    ) -> Result<Outcome, CallError> {
        let called = self.call_once(entry, call, action, event).await;
        if let Err(CallError::Busy(_) | CallError::Crowded(_) | CallError::Circle(_)) = called {
            entry.component.refused.fetch_add(1, Ordering::Relaxed);
        }
        called
    }

    async fn call_once(
        self: &Arc<Self>,
        entry: &LoadedCapsule,
        call: Call,
        action: &str,
        event: &Event,
    ) -> Result<Outcome, CallError> {
        let LoadedCapsule { capsule, component } = entry;
        let failed = |error| CallError::Invoke {
            capsule: capsule.id().clone(),
            error,
        };
        let allowed = self.limits.time_of(&capsule.manifest);
        let time = call.time.map_or(allowed, |time| time.min(allowed));
        let deadline = call.caller.deadline(time);
        // What comes too late is not begun, however little it would take.
        if deadline.instant <= Instant::now() {
            return Err(failed(InvokeError::TimedOut(time)));
        }
        let scope = CallScope::of_call(capsule, call.caller, deadline, call.cancel);
        let _slots = match self.free_slots(entry, &scope) {
            Some(slots) => slots,
            None => self.slots(entry, &scope, time, deadline).await?,
        };
        let limits = CallLimits {
            bounds: self.bounds_of(&capsule.manifest),
            reply: call.reply,
            time,
        };
        let context = self.context(capsule, scope);
        instance::invoke(&component.instances, context, limits, action, event)
            .await
            .map_err(|error| match error {
                InvokeError::Full => CallError::Crowded(capsule.id().clone()),
                error => failed(error),
            })
    }

    /// A slot of the capsule's and one of the host's, if the call can begin now.
    fn free_slots<'a>(&'a self, entry: &'a LoadedCapsule, scope: &CallScope) -> Option<Taken<'a>> {
        let depth = scope.chain().len();
        if !entry.capsule.is_ready() || scope.is_cancelled() {
            return None;
        }
        let own = entry.component.slots.try_take(depth)?;
        Some((own, self.slots.try_take(depth)?))
    }

    /// The same, waited for.
    async fn slots<'a>(
        &'a self,
        LoadedCapsule { capsule, component }: &'a LoadedCapsule,
        scope: &CallScope,
        time: Duration,
        deadline: Deadline,
    ) -> Result<Taken<'a>, CallError> {
        let depth = scope.chain().len();
        let cancelled = || CallError::Invoke {
            capsule: capsule.id().clone(),
            error: InvokeError::Cancelled,
        };
        let slots = async {
            ready(capsule).await?;
            // First the capsule's: whoever waits for it holds up nobody else.
            let full = |Crowded| CallError::Crowded(capsule.id().clone());
            let own = match component.slots.is_single() && depth > 0 {
                true => {
                    let waiting = self.waits.wait(scope.chain_with_slots(), capsule.id());
                    let _waiting = waiting.ok_or(CallError::Circle(capsule.id().clone()))?;
                    component.slots.take(depth).await.map_err(full)?
                }
                false => component.slots.take(depth).await.map_err(full)?,
            };
            let host = self.slots.take(depth).await.map_err(full)?;
            Ok((own, host))
        };
        tokio::select! {
            biased;
            () = scope.cancel.cancelled() => Err(cancelled()),
            () = scope.unloaded.cancelled() => Err(cancelled()),
            slots = slots => slots,
            () = tokio::time::sleep_until(deadline.instant.into()) => {
                Err(self.gave_up(capsule, time))
            }
        }
    }

    /// What the imports of a capsule work on.
    pub(crate) fn context(
        self: &Arc<Self>,
        capsule: &Arc<Capsule>,
        scope: CallScope,
    ) -> CallContext {
        CallContext {
            host: Arc::clone(&self.host),
            publisher: Arc::clone(self) as _,
            capsule: Arc::clone(capsule),
            log: self.host.log.of(Arc::clone(&scope.origin)),
            scope: Arc::new(scope),
        }
    }

    fn gave_up(&self, capsule: &Capsule, time: Duration) -> CallError {
        match *capsule.state.borrow() {
            CapsuleState::Ready => CallError::Busy(time),
            state => CallError::NotReady {
                capsule: capsule.id().clone(),
                state,
            },
        }
    }
}

/// Waits while a capsule's run loop starts.
async fn ready(capsule: &Capsule) -> Result<(), CallError> {
    match capsule.settled().await {
        CapsuleState::Ready => Ok(()),
        state => Err(CallError::NotReady {
            capsule: capsule.id().clone(),
            state,
        }),
    }
}
