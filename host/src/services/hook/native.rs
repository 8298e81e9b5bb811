//! Subscriptions of the embedder's own, answered by a function of its program.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::Outcome;
use crate::call::{CallId, PrincipalName};
use crate::capsule::CapsuleId;
use crate::policy::{OnFailure, Subscription, TopicPattern};

/// A publication, as a [`NativeSubscription`] receives it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HookEvent {
    /// The topic.
    pub topic: String,
    /// The payload, as the subscriber before left it.
    pub payload: Vec<u8>,
    /// On whose behalf it is published.
    pub principal: Option<PrincipalName>,
    /// The call that publishes.
    pub call_id: Option<CallId>,
    /// The capsules that wait, the one that publishes last; nobody where the
    /// embedder publishes.
    pub chain: Arc<[CapsuleId]>,
    /// When the answer comes too late.
    pub deadline: SystemTime,
}

type Answering = Pin<Box<dyn Future<Output = Outcome> + Send>>;
type AnswerFn = dyn Fn(HookEvent) -> Answering + Send + Sync;

/// A subscription of the embedder's, asked beside those of capsules and in the
/// same order: by priority, then by id.
///
/// It needs no grant. Its answers carry its id, which no capsule can have. It
/// has a time like every subscriber, and its future is dropped when that is over
/// or the publishing call ends. What it returns is held to the size of a hook's
/// payload. It must not block: it is polled by the tasks that publish.
///
/// A function that publishes again, through a [`Runtime`](crate::Runtime), begins
/// a new chain: what keeps capsules from asking each other in a circle does not
/// know of it.
///
/// ```
/// use boll_host::services::hook::NativeSubscription;
/// use boll_host::{CallOptions, Outcome, Runtime};
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let policy = NativeSubscription::new("policy".parse()?, "notes.*".parse()?, async |event| {
///     match event.payload.is_empty() {
///         true => Outcome::Deny("a note needs some text".to_owned()),
///         false => Outcome::Continue(None),
///     }
/// });
/// let runtime = Runtime::builder().subscription(policy.priority(-10)).build()?;
/// let verdict = runtime.intercept("notes.save", Vec::new(), CallOptions::default()).await?;
/// assert!(format!("{verdict:?}").contains("a note needs some text"));
/// runtime.shut_down().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct NativeSubscription {
    pub(crate) id: CapsuleId,
    pub(crate) subscription: Subscription,
    answer: Arc<AnswerFn>,
}

impl NativeSubscription {
    /// The action that its answers carry unless another is named.
    pub const DEFAULT_ACTION: &str = "host";

    /// Creates a subscription with the priority and the time of one that names none, on
    /// whose failure an ordered chain stops.
    #[must_use]
    pub fn new<F>(
        id: CapsuleId,
        topic: TopicPattern,
        answer: impl Fn(HookEvent) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        Self {
            id,
            subscription: Subscription {
                topic,
                action: Self::DEFAULT_ACTION.to_owned(),
                priority: Subscription::DEFAULT_PRIORITY,
                timeout: Subscription::DEFAULT_TIMEOUT,
                on_failure: OnFailure::default(),
            },
            answer: Arc::new(move |event| Box::pin(answer(event))),
        }
    }

    /// Sets the action that its answers carry.
    #[must_use]
    pub fn action(mut self, name: impl Into<String>) -> Self {
        self.subscription.action = name.into();
        self
    }

    /// Its place among the subscribers of a topic, the lowest first.
    #[must_use]
    pub fn priority(mut self, priority: i32) -> Self {
        self.subscription.priority = priority;
        self
    }

    /// Sets the time that an answer may take.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.subscription.timeout = timeout;
        self
    }

    /// Sets what becomes of an ordered chain when there is no proper answer.
    #[must_use]
    pub fn on_failure(mut self, on_failure: OnFailure) -> Self {
        self.subscription.on_failure = on_failure;
        self
    }

    /// Its answer, in time.
    pub(crate) fn answer(&self, event: HookEvent) -> Answering {
        (self.answer)(event)
    }
}

impl fmt::Debug for NativeSubscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NativeSubscription")
            .field("id", &self.id)
            .field("subscription", &self.subscription)
            .finish_non_exhaustive()
    }
}
