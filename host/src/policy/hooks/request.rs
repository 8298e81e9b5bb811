//! What a manifest asks for of topics.

use std::num::NonZeroU32;
use std::time::Duration;

use serde::{Deserialize, Deserializer};

use super::TopicPattern;

/// One `[[publish]]` of a manifest: topics that the capsule publishes to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PublishRequest {
    /// The topics.
    pub topic: TopicPattern,
}

/// One `[[hook]]` of a manifest: a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Subscription {
    /// The topics.
    pub topic: TopicPattern,
    /// The action that is called.
    pub action: String,
    /// Its place among the subscribers of a topic, the lowest first.
    #[serde(default = "default_priority")]
    pub priority: i32,
    /// The time that the action may take.
    #[serde(
        rename = "timeout-ms",
        default = "default_timeout",
        deserialize_with = "milliseconds"
    )]
    pub timeout: Duration,
    /// What becomes of an ordered chain when it gives no proper answer.
    #[serde(default)]
    pub on_failure: OnFailure,
}

/// What becomes of an ordered chain when a subscriber gives no proper answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// It stops: what the subscriber would have denied does not pass.
    #[default]
    Stop,
    /// It goes on with the next one, as if this one had not been there.
    Continue,
}

impl Subscription {
    /// The priority of a subscription that names none.
    pub const DEFAULT_PRIORITY: i32 = 100;
    /// The timeout of a subscription that names none.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);
}

fn default_priority() -> i32 {
    Subscription::DEFAULT_PRIORITY
}

fn default_timeout() -> Duration {
    Subscription::DEFAULT_TIMEOUT
}

fn milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let ms = NonZeroU32::deserialize(deserializer)?;
    Ok(Duration::from_millis(ms.get().into()))
}
