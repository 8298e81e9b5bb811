//! Counts the live processes of each capsule, and closes for good at the end.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Lets a bounded number of processes of each capsule through.
#[derive(Debug)]
pub(super) struct Gate {
    limit: u32,
    state: Mutex<State>,
    empty: Notify,
}

#[derive(Debug, Default)]
struct State {
    closed: bool,
    live: HashMap<String, u32>,
}

/// A process that counts as live until this is dropped.
#[derive(Debug)]
pub(super) struct Pass {
    gate: Arc<Gate>,
    capsule: String,
}

/// Why there is no pass.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    TooMany(u32),
    Closed,
}

impl Gate {
    pub(super) fn new(limit: u32) -> Arc<Self> {
        Arc::new(Self {
            limit,
            state: Mutex::default(),
            empty: Notify::new(),
        })
    }

    pub(super) fn enter(self: &Arc<Self>, capsule: &str) -> Result<Pass, Refusal> {
        let mut state = self.state();
        if state.closed {
            return Err(Refusal::Closed);
        }
        let live = state.live.entry(capsule.into()).or_default();
        if *live >= self.limit {
            let live = *live;
            return Err(Refusal::TooMany(live));
        }
        *live += 1;
        Ok(Pass {
            gate: Arc::clone(self),
            capsule: capsule.into(),
        })
    }

    /// Gives no more passes, and waits until every one is back.
    pub(super) async fn close(&self) {
        self.state().closed = true;
        loop {
            // Listens before it looks, so that no return goes unnoticed.
            let returned = self.empty.notified();
            if self.state().live.is_empty() {
                return;
            }
            returned.await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The counts are whole at every point where a holder could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut state = self.gate.state();
        if let Some(live) = state.live.get_mut(&self.capsule) {
            *live -= 1;
            if *live == 0 {
                state.live.remove(&self.capsule);
            }
        }
        if state.live.is_empty() {
            self.gate.empty.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_capsule_has_its_own_count() {
        let gate = Gate::new(1);
        let first = gate.enter("a").unwrap();
        assert_eq!(gate.enter("a").unwrap_err(), Refusal::TooMany(1));
        gate.enter("b").unwrap();
        drop(first);
        gate.enter("a").unwrap();
    }

    #[tokio::test]
    async fn close_waits_for_the_last_pass() {
        let gate = Gate::new(1);
        let pass = gate.enter("a").unwrap();
        let closing = tokio::spawn({
            let gate = Arc::clone(&gate);
            async move { gate.close().await }
        });
        tokio::task::yield_now().await;
        assert!(!closing.is_finished());
        drop(pass);
        closing.await.unwrap();
        assert_eq!(gate.enter("a").unwrap_err(), Refusal::Closed);
    }
}
