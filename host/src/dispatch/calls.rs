//! The calls under way, found by the ids that they were given.

use std::collections::HashMap;
use std::sync::Mutex;

use tokio_util::sync::CancellationToken;

use super::CallError;
use crate::call::CallId;
use crate::locked::lock;

/// Every call under way has a token here; cancelling it ends the call and all
/// that it started.
#[derive(Default)]
pub(crate) struct Calls {
    root: CancellationToken,
    by_id: Mutex<HashMap<CallId, Vec<(u64, CancellationToken)>>>,
    next: std::sync::atomic::AtomicU64,
}

/// A call under way. Dropping it takes it off the list.
pub(crate) struct Registered<'a> {
    calls: &'a Calls,
    id: Option<CallId>,
    number: u64,
    token: CancellationToken,
}

impl Calls {
    /// Cancelled when the runtime shuts down.
    pub(crate) fn root(&self) -> &CancellationToken {
        &self.root
    }

    pub(crate) fn check_open(&self) -> Result<(), CallError> {
        if self.root.is_cancelled() {
            return Err(CallError::ShuttingDown);
        }
        Ok(())
    }

    pub(crate) fn register(&self, id: Option<&CallId>) -> Result<Registered<'_>, CallError> {
        self.check_open()?;
        let token = self.root.child_token();
        let number = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if let Some(id) = id {
            lock(&self.by_id)
                .entry(id.clone())
                .or_default()
                .push((number, token.clone()));
        }
        Ok(Registered {
            calls: self,
            id: id.cloned(),
            number,
            token,
        })
    }

    pub(crate) fn cancel<'a>(&self, ids: impl IntoIterator<Item = &'a str>) -> usize {
        let mut cancelled = 0;
        let calls = lock(&self.by_id);
        for (_, token) in ids.into_iter().filter_map(|id| calls.get(id)).flatten() {
            token.cancel();
            cancelled += 1;
        }
        cancelled
    }

    pub(crate) fn close(&self) {
        self.root.cancel();
    }
}

impl Registered<'_> {
    pub(crate) fn token(&self) -> &CancellationToken {
        &self.token
    }
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        let Some(id) = &self.id else { return };
        let mut calls = lock(&self.calls.by_id);
        if let Some(same) = calls.get_mut(id) {
            same.retain(|(number, _)| *number != self.number);
            if same.is_empty() {
                calls.remove(id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cancelling_reaches_exactly_the_calls_with_the_id() {
        let calls = Calls::default();
        let first = calls.register(Some(&"a".into())).expect("open");
        let second = calls.register(Some(&"a".into())).expect("open");
        let other = calls.register(Some(&"b".into())).expect("open");
        let nameless = calls.register(None).expect("open");
        assert_eq!(calls.cancel(["a", "unknown"]), 2);
        assert!(first.token().is_cancelled() && second.token().is_cancelled());
        assert!(!other.token().is_cancelled() && !nameless.token().is_cancelled());
        drop((first, second, other));
        assert!(lock(&calls.by_id).is_empty());
    }

    #[test]
    fn closing_cancels_all_and_refuses_more() {
        let calls = Calls::default();
        let call = calls.register(None).expect("open");
        calls.close();
        assert!(call.token().is_cancelled());
        assert!(matches!(calls.register(None), Err(CallError::ShuttingDown)));
    }
}
