//! One invocation: an instance, the call, and what became of it.

use std::sync::Arc;
use std::time::Duration;

use super::error::{InvokeError, LimitKind};
use super::instances::Instances;
use super::live::{Bounds, Live};
use super::stops::Stops;
use crate::bindings::boll::hook::types as wit;
use crate::interfaces::CallContext;
use crate::services::hook::Outcome;

/// The limits of one call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallLimits {
    pub(crate) bounds: Bounds,
    pub(crate) reply: u64,
    pub(crate) time: Duration,
}

/// Calls an action. When this returns nothing is left that the call started,
/// and neither is the instance, unless it is resident and gave an answer.
pub(crate) async fn invoke(
    instances: &Instances,
    call: CallContext,
    limits: CallLimits,
    action: &str,
    event: &wit::Event,
) -> Result<Outcome, InvokeError> {
    let scope = Arc::clone(&call.scope);
    let stops = Stops::of(&scope, limits.time);
    let work = run(instances, call, limits, action, event);
    let answer = stops.hold(instances.pace.keep(work)).await;
    // With a fresh guest the handles on its children are gone, and with these
    // the children. A resident one may hold some still.
    scope.answered.cancel();
    scope.running.wait().await;
    answer
}

async fn run(
    instances: &Instances,
    call: CallContext,
    limits: CallLimits,
    action: &str,
    event: &wit::Event,
) -> Result<Outcome, InvokeError> {
    let capsule = Arc::clone(&call.capsule);
    let mut live = match instances.resting(&call.capsule) {
        Some(mut live) => {
            live.begin(call);
            live
        }
        None => {
            let Some(handler) = &instances.prepared().handler else {
                return Ok(Outcome::UnknownAction(action.to_owned()));
            };
            Live::new(call, limits.bounds, handler.engine(), async |store| {
                handler.instantiate_async(store).await
            })
            .await?
        }
    };
    let answer = live
        .call(async |store, guest| {
            let handler = guest.boll_hook_handler();
            handler.call_handle(store, action, event).await
        })
        .await?;
    let outcome = outcome(answer);
    // Languages with exceptions catch the allocation that failed, and fail in order or answer
    // all the same. What is left of such an instance is not called again.
    match (&outcome, live.reached()) {
        (Outcome::Failed(reason), Some(limit)) => {
            tracing::warn!(
                capsule = capsule.id().as_str(),
                reason,
                "a call failed: {limit}"
            );
            return Err(limit);
        }
        (_, Some(limit)) => {
            tracing::warn!(
                capsule = capsule.id().as_str(),
                "a call answered after {limit}; its instance is not used again"
            );
        }
        (_, None) => instances.rest(live, &capsule),
    }
    within(outcome, limits.reply)
}

fn within(outcome: Outcome, limit: u64) -> Result<Outcome, InvokeError> {
    if outcome.size() as u64 > limit {
        return Err(InvokeError::Limit {
            kind: LimitKind::Reply,
            limit,
        });
    }
    Ok(outcome)
}

/// Not a conversion of the public type: the generated types are the host's own.
fn outcome(answer: Result<wit::Reply, wit::Failure>) -> Outcome {
    match answer {
        Ok(wit::Reply::Continue(payload)) => Outcome::Continue(payload),
        Ok(wit::Reply::Final(payload)) => Outcome::Final(payload),
        Ok(wit::Reply::Deny(reason)) => Outcome::Deny(reason),
        Err(wit::Failure::UnknownAction(action)) => Outcome::UnknownAction(action),
        Err(wit::Failure::InvalidPayload(reason)) => Outcome::InvalidPayload(reason),
        Err(wit::Failure::Failed(reason)) => Outcome::Failed(reason),
    }
}
