//! One invocation: a fresh store, the call, and what became of it.

use std::pin::pin;
use std::time::Duration;

use wasmtime::{Store, UpdateDeadline, WasmBacktrace};

use super::Prepared;
use super::limiter::MemoryLimiter;
use super::state::InstanceState;
use crate::bindings::boll::hook::types as wit;
use crate::interfaces::CallContext;

/// What a capsule answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Go on, with another payload if there is one.
    Continue(Option<Vec<u8>>),
    /// Done, with this payload.
    Final(Vec<u8>),
    /// Not allowed, for this reason.
    Deny(String),
    /// The capsule does not know the action.
    UnknownAction(String),
    /// The payload is not what the action takes.
    InvalidPayload(String),
    /// The action did not succeed.
    Failed(String),
}

/// Why a capsule gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum InvokeError {
    /// The call's deadline passed.
    #[error("it did not answer within {} ms", .0.as_millis())]
    TimedOut(Duration),
    /// The call was cancelled.
    #[error("the call was cancelled")]
    Cancelled,
    /// A limit was reached.
    #[error("it reached its limit of {limit} bytes of {what}", what = .kind.as_str())]
    Limit {
        /// Which limit.
        kind: LimitKind,
        /// The limit, in bytes.
        limit: u64,
    },
    /// It trapped.
    #[error("it trapped: {}", .0.reason)]
    Trapped(Trap),
    /// No instance could be made.
    #[error("no instance of it could be made")]
    Instantiate(#[source] wasmtime::Error),
}

/// A limit on what a call may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitKind {
    /// Linear memory.
    Memory,
    /// The payload that came in.
    Payload,
    /// The payload of the answer.
    Reply,
}

impl LimitKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Payload => "payload",
            Self::Reply => "payload in its reply",
        }
    }
}

/// How a guest ended that did not return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trap {
    /// What happened.
    pub reason: String,
    /// Where, the innermost function first.
    pub backtrace: Vec<String>,
}

/// The limits of one call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallLimits {
    pub(crate) memory: u64,
    pub(crate) reply: u64,
    pub(crate) time: Duration,
}

/// Calls an action in a fresh instance, which is gone when this returns or is
/// dropped; so is everything that the call started.
pub(crate) async fn invoke(
    prepared: &Prepared,
    call: CallContext,
    limits: CallLimits,
    action: &str,
    event: &wit::Event,
) -> Result<Outcome, InvokeError> {
    let running = call.running.clone();
    running.close();
    let answer = answer(prepared, call, limits, action, event).await;
    // With the guest the handles on its children are gone, and with these the
    // children. Nothing of the call is left when it is answered.
    running.wait().await;
    answer
}

async fn answer(
    prepared: &Prepared,
    call: CallContext,
    limits: CallLimits,
    action: &str,
    event: &wit::Event,
) -> Result<Outcome, InvokeError> {
    let cancel = call.cancel.clone();
    let deadline = call.caller.deadline.instant;
    let running = call.running.clone();
    let mut answer = pin!(run(prepared, call, limits, action, event));
    let stopped = tokio::select! {
        biased;
        () = cancel.cancelled() => InvokeError::Cancelled,
        answer = &mut answer => return answer,
        () = tokio::time::sleep_until(deadline.into()) => InvokeError::TimedOut(limits.time),
    };
    // The call's processes heard the same and are asked to end before they are
    // made to; only then is the guest dropped. A guest without any is dropped
    // now, whatever it does or waits for.
    tokio::select! {
        biased;
        () = running.wait() => {}
        _ = &mut answer => {}
    }
    Err(stopped)
}

async fn run(
    prepared: &Prepared,
    call: CallContext,
    limits: CallLimits,
    action: &str,
    event: &wit::Event,
) -> Result<Outcome, InvokeError> {
    let state = InstanceState::new(call, MemoryLimiter::new(limits.memory));
    let mut store = Store::new(prepared.0.engine(), state);
    store.limiter(|state| &mut state.limiter);
    // A guest that computes yields at every tick, so that the deadline and the
    // cancellation around this call are looked at.
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Yield(1)));

    let instance = match prepared.0.instantiate_async(&mut store).await {
        Ok(instance) => instance,
        Err(error) => return Err(explain(&store, error, InvokeError::Instantiate)),
    };
    let answer = instance
        .boll_hook_handler()
        .call_handle(&mut store, action, event)
        .await;
    match answer {
        Ok(answer) => within(answer.into(), limits.reply),
        Err(error) => Err(explain(&store, error, |error| {
            InvokeError::Trapped(trap(&error))
        })),
    }
}

/// A guest that is refused memory traps; the limit is the reason to tell.
fn explain(
    store: &Store<InstanceState>,
    error: wasmtime::Error,
    otherwise: impl FnOnce(wasmtime::Error) -> InvokeError,
) -> InvokeError {
    match store.data().limiter.reached() {
        Some(limit) => InvokeError::Limit {
            kind: LimitKind::Memory,
            limit,
        },
        None => otherwise(error),
    }
}

fn within(outcome: Outcome, limit: u64) -> Result<Outcome, InvokeError> {
    let size = match &outcome {
        Outcome::Continue(payload) => payload.as_ref().map_or(0, Vec::len),
        Outcome::Final(payload) => payload.len(),
        Outcome::Deny(text)
        | Outcome::UnknownAction(text)
        | Outcome::InvalidPayload(text)
        | Outcome::Failed(text) => text.len(),
    };
    if size as u64 > limit {
        return Err(InvokeError::Limit {
            kind: LimitKind::Reply,
            limit,
        });
    }
    Ok(outcome)
}

fn trap(error: &wasmtime::Error) -> Trap {
    let reason = match error.downcast_ref::<wasmtime::Trap>() {
        Some(trap) => trap.to_string(),
        None => error.root_cause().to_string(),
    };
    let backtrace = error
        .downcast_ref::<WasmBacktrace>()
        .map(|backtrace| {
            backtrace
                .frames()
                .iter()
                .map(|frame| match frame.func_name() {
                    Some(name) => rustc_demangle::demangle(name).to_string(),
                    None => format!("function {}", frame.func_index()),
                })
                .collect()
        })
        .unwrap_or_default();
    Trap { reason, backtrace }
}

impl From<Result<wit::Reply, wit::Failure>> for Outcome {
    fn from(answer: Result<wit::Reply, wit::Failure>) -> Self {
        match answer {
            Ok(wit::Reply::Continue(payload)) => Self::Continue(payload),
            Ok(wit::Reply::Final(payload)) => Self::Final(payload),
            Ok(wit::Reply::Deny(reason)) => Self::Deny(reason),
            Err(wit::Failure::UnknownAction(action)) => Self::UnknownAction(action),
            Err(wit::Failure::InvalidPayload(reason)) => Self::InvalidPayload(reason),
            Err(wit::Failure::Failed(reason)) => Self::Failed(reason),
        }
    }
}
