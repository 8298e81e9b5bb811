//! How an ordered chain ended.

use super::Answer;
use crate::Failure;
use serde::de::DeserializeOwned;
use std::fmt;

/// How an ordered chain ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every subscriber went on; this is the payload that the last one left.
    Passed(Vec<u8>),
    /// A subscriber ended the chain.
    Final {
        /// Its capsule id.
        capsule: String,
        /// Its payload.
        payload: Vec<u8>,
    },
    /// A subscriber denied.
    Denied {
        /// Its capsule id.
        capsule: String,
        /// The reason that it gave.
        reason: String,
    },
    /// A subscriber did not answer properly, and its subscription does not say
    /// to go on then.
    Stopped(Answer),
}

impl Verdict {
    /// The payload that the chain left, if there is one: after
    /// [`Passed`](Self::Passed) and [`Final`](Self::Final).
    pub fn payload(&self) -> Option<&[u8]> {
        match self {
            Self::Passed(payload) | Self::Final { payload, .. } => Some(payload),
            Self::Denied { .. } | Self::Stopped(_) => None,
        }
    }

    /// The payload that the chain left, read as JSON.
    ///
    /// # Errors
    ///
    /// [`Failure::Failed`] when the payload is not JSON of that shape, and when
    /// there is none, because a subscriber denied or did not answer properly;
    /// the text says who.
    ///
    /// ```
    /// use boll_sdk::hook::Verdict;
    ///
    /// let denied = Verdict::Denied {
    ///     capsule: "spam".to_owned(),
    ///     reason: "too many words in capitals".to_owned(),
    /// };
    /// assert_eq!(
    ///     denied.json::<String>().unwrap_err().to_string(),
    ///     "the capsule `spam` denied: too many words in capitals"
    /// );
    /// ```
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        let Some(payload) = self.payload() else {
            return Err(Failure::new(self.to_string()));
        };
        serde_json::from_slice(payload).map_err(|error| {
            Failure::new(format!(
                "the chain left another payload than expected: {error}"
            ))
        })
    }
}

/// How it ended, in a line. Payloads are left out.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed(_) => f.write_str("every subscriber went on"),
            Self::Final { capsule, .. } => write!(f, "the capsule `{capsule}` ended the chain"),
            Self::Denied { capsule, reason } => {
                write!(f, "the capsule `{capsule}` denied: {reason}")
            }
            Self::Stopped(answer) => write!(f, "{answer}"),
        }
    }
}
