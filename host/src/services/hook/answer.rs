//! What became of a publication.

use super::Outcome;
use crate::capsule::CapsuleId;
use crate::policy::InvalidTopic;

/// The deepest chain of calls: this many capsules may wait for one.
pub const MAX_DEPTH: usize = 8;

/// One subscriber's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The subscriber, a capsule or one of the embedder's.
    pub capsule: CapsuleId,
    /// The action that was called.
    pub action: String,
    /// What became of it.
    pub outcome: AnswerOutcome,
}

/// What became of one subscriber.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnswerOutcome {
    /// It answered.
    Answered(Outcome),
    /// It trapped or broke a limit; the text says which.
    Crashed(String),
    /// It did not answer within its timeout.
    TimedOut,
    /// The call was cancelled, or the subscriber was unloaded.
    Cancelled,
    /// The host or the capsule had no free place in time.
    Busy,
    /// It is already waiting further up this chain of calls.
    Recursion,
}

/// How an ordered chain ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every subscriber went on; this is the payload that the last one left.
    Passed(Vec<u8>),
    /// A subscriber ended the chain with a payload.
    Final {
        /// The subscriber.
        capsule: CapsuleId,
        /// Its payload.
        payload: Vec<u8>,
    },
    /// A subscriber denied.
    Denied {
        /// The subscriber.
        capsule: CapsuleId,
        /// Its reason.
        reason: String,
    },
    /// A subscriber did not answer properly, and its subscription says
    /// `on-failure = "stop"`.
    Stopped(Answer),
}

/// Why nobody was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// Not a topic.
    #[error(transparent)]
    InvalidTopic(#[from] InvalidTopic),
    /// The payload is larger than the limit that is given here, in bytes.
    #[error("the payload of a hook may have {0} bytes")]
    TooLarge(u64),
    /// The chain of calls is as deep as it may be.
    #[error("the chain of calls is {MAX_DEPTH} capsules deep, and may not be deeper")]
    TooDeep,
    /// The call that this is part of was cancelled, or its time was up.
    #[error("the publishing call was cancelled")]
    Cancelled,
    /// The runtime is shutting down.
    #[error("the runtime is shutting down")]
    ShuttingDown,
}
