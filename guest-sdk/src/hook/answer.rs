//! What became of one subscriber.

use crate::{Failure, Reply};
use serde::de::DeserializeOwned;
use std::fmt;

/// One subscriber's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The subscriber's capsule id.
    pub capsule: String,
    /// The action that was called.
    pub action: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of one subscriber.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It went on, with a payload in place of the one received if there is one.
    Continue(Option<Vec<u8>>),
    /// It is done, with this payload.
    Final(Vec<u8>),
    /// It denied, for the reason given.
    Deny(String),
    /// It said that something went wrong.
    Failed(Failure),
    /// It trapped or broke a limit; the text says which.
    Crashed(String),
    /// It took longer than it may.
    TimedOut,
    /// The call that it was part of was cancelled.
    Cancelled,
    /// The host or the capsule had no free place in time.
    Busy,
    /// It is already waiting further up this chain of calls.
    Recursion,
}

impl Answer {
    /// An answer. The host makes its own; this one is for tests, where the
    /// outcome may be what another capsule's
    /// [`handle`](crate::Capsule::handle) gave.
    pub fn new(
        capsule: impl Into<String>,
        action: impl Into<String>,
        outcome: impl Into<Outcome>,
    ) -> Self {
        Self {
            capsule: capsule.into(),
            action: action.into(),
            outcome: outcome.into(),
        }
    }

    /// The payload, read as JSON; `None` when the subscriber went on without
    /// one.
    ///
    /// # Errors
    ///
    /// [`Failure::Failed`] when the payload is not JSON of that shape, and when
    /// the subscriber gave none because it denied or failed; the text says who.
    ///
    /// ```
    /// # use boll_sdk::Failure;
    /// use boll_sdk::hook::{Answer, Outcome};
    ///
    /// let answer = Answer::new("stock", "count", Outcome::Continue(Some(b"3".to_vec())));
    /// assert_eq!(answer.json::<u32>()?, Some(3));
    ///
    /// let answer = Answer::new("stock", "count", Outcome::TimedOut);
    /// assert_eq!(
    ///     answer.json::<u32>().unwrap_err().to_string(),
    ///     "the capsule `stock`, action `count`, took too long"
    /// );
    /// # Ok::<(), Failure>(())
    /// ```
    pub fn json<T: DeserializeOwned>(&self) -> Result<Option<T>, Failure> {
        let payload = match &self.outcome {
            Outcome::Continue(None) => return Ok(None),
            Outcome::Continue(Some(payload)) | Outcome::Final(payload) => payload,
            _ => return Err(Failure::new(self.to_string())),
        };
        serde_json::from_slice(payload).map(Some).map_err(|error| {
            let Self {
                capsule, action, ..
            } = self;
            Failure::new(format!(
                "the capsule `{capsule}`, action `{action}`, gave another payload than expected: {error}"
            ))
        })
    }
}

impl Outcome {
    /// The payload, if there is one.
    pub fn payload(&self) -> Option<&[u8]> {
        match self {
            Self::Continue(payload) => payload.as_deref(),
            Self::Final(payload) => Some(payload),
            _ => None,
        }
    }
}

/// What a subscriber's own answer makes of it.
impl From<Result<Reply, Failure>> for Outcome {
    fn from(answer: Result<Reply, Failure>) -> Self {
        match answer {
            Ok(Reply::Continue(payload)) => Self::Continue(payload),
            Ok(Reply::Final(payload)) => Self::Final(payload),
            Ok(Reply::Deny(reason)) => Self::Deny(reason),
            Err(failure) => Self::Failed(failure),
        }
    }
}

/// Who, and what became of it, in a line.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            capsule,
            action,
            outcome,
        } = self;
        write!(f, "the capsule `{capsule}`, action `{action}`, {outcome}")
    }
}

/// What a capsule did, as the rest of a sentence that begins with its name.
/// Payloads are left out.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Continue(_) => f.write_str("went on"),
            Self::Final(_) => f.write_str("ended the chain"),
            Self::Deny(reason) => write!(f, "denied: {reason}"),
            Self::Failed(failure) => write!(f, "failed: {failure}"),
            Self::Crashed(reason) => write!(f, "crashed: {reason}"),
            Self::TimedOut => f.write_str("took too long"),
            Self::Cancelled => f.write_str("was cancelled"),
            Self::Busy => f.write_str("had no free place in time"),
            Self::Recursion => f.write_str("is waiting further up this chain of calls"),
        }
    }
}
