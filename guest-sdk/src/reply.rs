//! What an action answers when nothing went wrong.

use crate::Failure;
use serde::Serialize;

/// What an action answers when nothing went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Go on; a payload takes the place of the one received.
    Continue(Option<Vec<u8>>),
    /// Done: no subscriber after this one is asked.
    Final(Vec<u8>),
    /// Not allowed, for the reason given.
    Deny(String),
}

impl Reply {
    /// Goes on and leaves the payload as it is.
    pub fn empty() -> Self {
        Self::Continue(None)
    }

    /// Goes on with these bytes.
    pub fn bytes(payload: impl Into<Vec<u8>>) -> Self {
        Self::Continue(Some(payload.into()))
    }

    /// Goes on with this value as JSON.
    ///
    /// # Errors
    ///
    /// [`Failure::Failed`] when the value has no form in JSON, for example a
    /// map with keys that are not text.
    pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<Self, Failure> {
        Ok(Self::bytes(serde_json::to_vec(value)?))
    }

    /// Refuses, for this reason.
    pub fn deny(reason: impl Into<String>) -> Self {
        Self::Deny(reason.into())
    }

    /// The payload, if the reply has one.
    pub fn payload(&self) -> Option<&[u8]> {
        match self {
            Self::Continue(payload) => payload.as_deref(),
            Self::Final(payload) => Some(payload),
            Self::Deny(_) => None,
        }
    }
}

/// What an action may return in `Ok`: a [`Reply`], a [`Json<T>`](crate::Json),
/// or `()`.
#[diagnostic::on_unimplemented(
    message = "an action cannot reply with `{Self}`",
    label = "not a reply",
    note = "an action replies with `Reply`, `Json<T>` where `T: serde::Serialize`, or `()`"
)]
pub trait IntoReply {
    /// Makes the reply.
    ///
    /// # Errors
    ///
    /// [`Failure::Failed`] when the value cannot be put into a payload.
    fn into_reply(self) -> Result<Reply, Failure>;
}

impl IntoReply for Reply {
    fn into_reply(self) -> Result<Reply, Failure> {
        Ok(self)
    }
}

impl IntoReply for () {
    fn into_reply(self) -> Result<Reply, Failure> {
        Ok(Reply::empty())
    }
}
