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
    /// The call waited for this long, all of its time, and every slot for calls, of the
    /// host or of the capsule, was in use.
    #[error("no slot for a call was free within {} ms", .0.as_millis())]
    Busy(Duration),
    /// The call did not wait: as many as may wait for a slot did already, or no memory for
    /// an instance was free.
    #[error("the capsule {0} was not called: too many calls wait already")]
    Crowded(CapsuleId),
    /// The capsule has one resident instance, which waits for a capsule that waits for this
    /// call: neither could ever answer.
    #[error("the resident instance of {0} waits for a capsule that waits for it")]
    Circle(CapsuleId),
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
