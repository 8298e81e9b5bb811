//! Subscriptions of the embedder's that come and go while the runtime runs.

use super::Runtime;
use crate::capsule::CapsuleId;
use crate::services::hook::NativeSubscription;

/// One subscription that was made with [`Runtime::subscribe`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SubscriptionKey(u64);

/// Why a subscription was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubscribeError {
    /// A capsule with its id is loaded.
    #[error("a capsule `{0}` is loaded: the host cannot subscribe under its id")]
    Capsule(CapsuleId),
    /// The runtime is shutting down.
    #[error("the runtime is shutting down")]
    ShuttingDown,
}

impl Runtime {
    /// Subscribes a function of the embedder's to a topic, from the next publication on. It
    /// may have the id of others of the embedder's. No capsule with its id can be loaded.
    ///
    /// # Errors
    ///
    /// A capsule with its id is loaded, or the runtime is shutting down.
    pub fn subscribe(
        &self,
        subscription: NativeSubscription,
    ) -> Result<SubscriptionKey, SubscribeError> {
        let dispatcher = &self.0.dispatcher;
        let closed = |_| SubscribeError::ShuttingDown;
        dispatcher.calls.check_open().map_err(closed)?;
        let id = subscription.id.clone();
        let key = SubscriptionKey(dispatcher.subscribe(subscription));
        // A capsule that is loaded now looks for subscriptions after it is in the registry:
        // one of the two sees the other.
        if dispatcher.registry.load().by_id(&id).is_some() {
            dispatcher.unsubscribe(key.0);
            return Err(SubscribeError::Capsule(id));
        }
        Ok(key)
    }

    /// Takes a subscription back. Publications under way still ask it. Returns whether it was
    /// there.
    pub fn unsubscribe(&self, key: SubscriptionKey) -> bool {
        self.0.dispatcher.unsubscribe(key.0)
    }
}
