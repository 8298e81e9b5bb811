//! The description of what is published.

use super::{Answer, Error, Verdict};
use crate::{Event, host};
use serde::Serialize;
use std::time::Duration;

/// Something to publish: a builder. Nothing is published before
/// [`trigger`](Self::trigger) or [`intercept`](Self::intercept).
///
/// ```
/// # use boll_sdk::{fake, hook};
/// # let _host = fake::Host::new().trigger(|_| Ok(Vec::new())).install();
/// use boll_sdk::hook::Publish;
/// use std::time::Duration;
///
/// let answers = Publish::to("image.added")
///     .bytes([0x89, b'P', b'N', b'G'])
///     .timeout(Duration::from_millis(200))
///     .trigger()?;
/// assert!(answers.is_empty(), "nobody subscribes");
/// # Ok::<(), hook::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "nothing is published before `trigger` or `intercept`"]
pub struct Publish {
    topic: String,
    payload: Vec<u8>,
    timeout: Option<Duration>,
}

impl Publish {
    /// Something for this topic, with an empty payload.
    pub fn to(topic: impl Into<String>) -> Self {
        Self {
            topic: topic.into(),
            payload: Vec::new(),
            timeout: None,
        }
    }

    /// Sets the payload. A host takes at most 1 MiB unless it sets another
    /// limit.
    pub fn bytes(mut self, payload: impl Into<Vec<u8>>) -> Self {
        self.payload = payload.into();
        self
    }

    /// Sets the payload to a value as JSON.
    ///
    /// # Errors
    ///
    /// [`Error::Unserializable`] when the value has no form in JSON, for example
    /// a map with keys that are not text.
    pub fn json<T: Serialize + ?Sized>(self, value: &T) -> Result<Self, Error> {
        let payload =
            serde_json::to_vec(value).map_err(|error| Error::Unserializable(error.to_string()))?;
        Ok(self.bytes(payload))
    }

    /// Sets how long each subscriber may take, in whole milliseconds, rounded
    /// up. The shortest of this, the subscription's own timeout and the time
    /// that the current call has left holds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Publishes to all subscribers at once, as [`trigger`](super::trigger).
    ///
    /// # Errors
    ///
    /// Why nobody was asked.
    pub fn trigger(&self) -> Result<Vec<Answer>, Error> {
        host::trigger(self)
    }

    /// Passes the payload through all subscribers, as
    /// [`intercept`](super::intercept).
    ///
    /// # Errors
    ///
    /// Why nobody was asked.
    pub fn intercept(&self) -> Result<Verdict, Error> {
        host::intercept(self)
    }

    /// The topic.
    pub fn get_topic(&self) -> &str {
        &self.topic
    }

    /// The payload.
    pub fn get_payload(&self) -> &[u8] {
        &self.payload
    }

    /// How long each subscriber may take, if that was set.
    pub fn get_timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// The event that a subscriber is given, the first one of an ordered chain.
    pub fn event(&self) -> Event {
        Event {
            topic: Some(self.topic.clone()),
            payload: self.payload.clone(),
        }
    }
}
