//! Why nobody was asked.

use std::fmt;

/// Why nobody was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The capsule may not publish to this topic.
    Denied {
        /// The capability that is missing, for example `publish:notes.saved`.
        capability: String,
        /// Which rule decided, and what would allow it.
        reason: String,
    },
    /// Not a topic; the text says why.
    InvalidTopic(String),
    /// The payload is larger than this limit, in bytes.
    TooLarge(u64),
    /// The chain of calls is as deep as this limit.
    TooDeep(u32),
    /// The call that this is part of was cancelled.
    Cancelled,
    /// The value has no form in JSON; the text says why. The host was not
    /// reached.
    Unserializable(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied { capability, reason } => {
                write!(f, "the capability `{capability}` is missing: {reason}")
            }
            Self::InvalidTopic(text) => write!(f, "not a topic: {text}"),
            Self::TooLarge(limit) => {
                write!(
                    f,
                    "the payload is larger than {limit} bytes, the limit of a hook"
                )
            }
            Self::TooDeep(limit) => {
                write!(f, "the chain of calls is {limit} deep already, its limit")
            }
            Self::Cancelled => f.write_str("the call was cancelled"),
            Self::Unserializable(text) => write!(f, "the value has no form in JSON: {text}"),
        }
    }
}

impl std::error::Error for Error {}
