//! The state of a loaded capsule, and following it.

use tokio::sync::watch;

/// The state of a loaded capsule. A capsule without a run loop is ready as soon as it is
/// loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CapsuleState {
    /// Its run loop was started and has not yet reported that it is ready. Calls wait.
    Loading,
    /// It can be called, and receives hooks.
    Ready,
    /// Its run loop did not report in time that it is ready. It still may.
    TimedOut,
    /// Its run loop failed or trapped. It is restarted unless that happened too often.
    Crashed,
    /// Its run loop returned without a failure.
    Stopped,
    /// It was unloaded.
    Unloaded,
}

impl CapsuleState {
    /// Returns the state's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Ready => "ready",
            Self::TimedOut => "timed out",
            Self::Crashed => "crashed",
            Self::Stopped => "stopped",
            Self::Unloaded => "unloaded",
        }
    }
}

/// Follows the state of one loading of a capsule: see
/// [`Runtime::watch`](crate::Runtime::watch). It keeps neither the capsule loaded nor
/// the runtime.
#[derive(Debug, Clone)]
pub struct StateWatch(watch::Receiver<CapsuleState>);

impl StateWatch {
    pub(super) fn of(state: &watch::Sender<CapsuleState>) -> Self {
        Self(state.subscribe())
    }

    /// Returns the present state, after which [`changed`](Self::changed) returns only
    /// later ones.
    pub fn current(&mut self) -> CapsuleState {
        *self.0.borrow_and_update()
    }

    /// Waits for a change since the last state that was returned, or since the beginning,
    /// and returns the present state. Changes in quick succession count as one. Returns
    /// `None` when there are no more: [`CapsuleState::Unloaded`] is final.
    pub async fn changed(&mut self) -> Option<CapsuleState> {
        self.0.changed().await.ok()?;
        Some(self.current())
    }

    /// Waits for a state that `wanted` accepts, which may be the present one, and returns
    /// it. Returns [`CapsuleState::Unloaded`] when no more states follow.
    pub async fn wait_for(&mut self, mut wanted: impl FnMut(CapsuleState) -> bool) -> CapsuleState {
        let state = self.0.wait_for(|state| wanted(*state)).await;
        state.map_or(CapsuleState::Unloaded, |state| *state)
    }
}
