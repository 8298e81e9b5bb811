//! Topics: what a capsule may publish, and what it is notified of.

mod decide;
mod request;
mod topic;

pub use decide::AuthorizedTopic;
pub use request::{OnFailure, PublishRequest, Subscription};
pub use topic::{InvalidTopic, MAX_TOPIC_LEN, Topic, TopicPattern};
