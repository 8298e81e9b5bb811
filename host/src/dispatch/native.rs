//! Asking a subscriber that is a function of the embedder's.
//!
//! It takes no slot: it has no instance, and whoever publishes waits for it in
//! a slot of its own.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;

use super::Dispatcher;
use crate::call::Caller;
use crate::instance::Event;
use crate::services::hook::{AnswerOutcome, HookEvent, NativeSubscription};

impl Dispatcher {
    /// One answer, held to the time and the size of any other.
    pub(super) async fn ask_native(
        &self,
        native: &NativeSubscription,
        from: &Caller,
        timeout: Option<Duration>,
        event: &Event,
    ) -> AnswerOutcome {
        let own = native.subscription.timeout;
        let deadline = from.deadline(timeout.map_or(own, |timeout| timeout.min(own)));
        // What comes too late is not begun.
        if deadline.instant <= Instant::now() {
            return AnswerOutcome::TimedOut;
        }
        let event = HookEvent {
            topic: event.topic.clone().unwrap_or_default(),
            payload: event.payload.clone(),
            principal: from.principal.clone(),
            call_id: from.call_id.clone(),
            chain: Arc::clone(&from.chain),
            deadline: deadline.wall,
        };
        // Its panic is its own, as a capsule's trap is: others are asked all the same.
        let answering = AssertUnwindSafe(async { native.answer(event).await }).catch_unwind();
        let answer = tokio::select! {
            biased;
            () = from.cancel.cancelled() => return AnswerOutcome::Cancelled,
            answer = answering => answer,
            () = tokio::time::sleep_until(deadline.instant.into()) => {
                return AnswerOutcome::TimedOut;
            }
        };
        let limit = self.limits.hook_payload;
        match answer {
            Ok(outcome) if outcome.size() as u64 <= limit => AnswerOutcome::Answered(outcome),
            Ok(_) => AnswerOutcome::Crashed(format!("its answer has more than {limit} bytes")),
            Err(_) => AnswerOutcome::Crashed("it panicked".to_owned()),
        }
    }
}
