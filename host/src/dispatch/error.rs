//! Why a call has no outcome.

use std::time::Duration;

use crate::capsule::{CapsuleId, CapsuleState};
use crate::instance::InvokeError;

/// Why a call has no outcome.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// No capsule with this id is loaded.
    #[error("no capsule `{0}` is loaded")]
    NotLoaded(CapsuleId),
    /// The capsule's run loop has not said that it is ready, and does not.
    #[error("the capsule {capsule} is not ready: its run loop {}", state_words(*.state))]
    NotReady {
        /// The capsule.
        capsule: CapsuleId,
        /// Its state.
        state: CapsuleState,
    },
    /// Every slot for calls, of the host or of the capsule, was in use for as
    /// long as the call could wait, or too many waited already.
    #[error("no slot for a call was free within {} ms", .0.as_millis())]
    Busy(Duration),
    /// The runtime is shutting down.
    #[error("the runtime is shutting down")]
    ShuttingDown,
    /// The capsule gave no answer.
    #[error("the capsule {capsule} gave no answer")]
    Invoke {
        /// The capsule.
        capsule: CapsuleId,
        /// Why.
        #[source]
        error: InvokeError,
    },
}

fn state_words(state: CapsuleState) -> &'static str {
    match state {
        CapsuleState::Loading => "is still starting",
        CapsuleState::Ready => "is ready",
        CapsuleState::TimedOut => "did not say in time that it is ready",
        CapsuleState::Crashed => "has crashed",
        CapsuleState::Stopped => "has ended",
        CapsuleState::Unloaded => "is gone",
    }
}
