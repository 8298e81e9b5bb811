//! Hooks: what is published, who publishes it, and what became of it.
//!
//! Whoever can reach the subscribers is a `Publisher`; the interface for
//! guests knows no more of it.

mod answer;
mod native;
pub(crate) mod outcome;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

pub use answer::{Answer, AnswerOutcome, MAX_DEPTH, PublishError, Verdict};
pub use native::{HookEvent, NativeSubscription};
pub(crate) use outcome::Outcome;

use crate::call::CallScope;
use crate::policy::AuthorizedTopic;

/// Something to be published.
#[derive(Debug)]
pub(crate) struct Publication {
    pub(crate) topic: AuthorizedTopic,
    pub(crate) payload: Vec<u8>,
    /// How long one subscriber may take, if that is less than it asks for.
    pub(crate) timeout: Option<Duration>,
}

/// What becomes of a publication, in time.
pub(crate) type Published<T> = Pin<Box<dyn Future<Output = Result<T, PublishError>> + Send>>;

/// Reaches the subscribers of topics.
pub(crate) trait Publisher: Send + Sync {
    /// Asks all subscribers at once.
    fn trigger(self: Arc<Self>, from: Arc<CallScope>, what: Publication) -> Published<Vec<Answer>>;

    /// Asks one subscriber after the other.
    fn intercept(self: Arc<Self>, from: Arc<CallScope>, what: Publication) -> Published<Verdict>;
}
