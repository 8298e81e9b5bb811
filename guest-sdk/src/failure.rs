//! What an action answers when something went wrong.

use std::error::Error;
use std::fmt;

/// What an action answers when something went wrong.
///
/// Every error becomes [`Failure::Failed`] with `?`, its sources included.
/// For that reason `Failure` itself is not a [`std::error::Error`].
///
/// ```
/// # use boll_sdk::Failure;
/// fn parse(text: &str) -> Result<u16, Failure> {
///     Ok(text.parse()?)
/// }
/// assert_eq!(parse("x").unwrap_err().to_string(), "invalid digit found in string");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The capsule has no action of this name.
    UnknownAction(String),
    /// The payload is not what the action takes; the text says where.
    InvalidPayload(String),
    /// The action was understood and did not succeed; the text says why.
    Failed(String),
}

impl Failure {
    /// The action did not succeed, for this reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self::Failed(reason.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownAction(name) => write!(f, "unknown action `{name}`"),
            Self::InvalidPayload(reason) => write!(f, "invalid payload: {reason}"),
            Self::Failed(reason) => f.write_str(reason),
        }
    }
}

impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            text.push_str(": ");
            text.push_str(&error.to_string());
            source = error.source();
        }
        Self::Failed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process;

    #[test]
    fn a_question_mark_keeps_the_whole_story() {
        fn denied() -> Result<(), Failure> {
            Err(process::Error::Denied {
                capability: "process:git".into(),
                reason: "grant it".into(),
            })?
        }
        assert_eq!(
            denied().unwrap_err(),
            Failure::new("the capability `process:git` is missing: grant it")
        );
    }
}
