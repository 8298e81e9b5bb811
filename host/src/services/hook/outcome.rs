//! What a capsule answered.

/// What a capsule answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Go on, with another payload if there is one.
    Continue(Option<Vec<u8>>),
    /// Done, with this payload.
    Final(Vec<u8>),
    /// Not allowed, for this reason.
    Deny(String),
    /// The capsule does not know the action.
    UnknownAction(String),
    /// The payload is not what the action takes.
    InvalidPayload(String),
    /// The action did not succeed.
    Failed(String),
}

impl Outcome {
    /// The bytes of its payload or text.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Continue(payload) => payload.as_ref().map_or(0, Vec::len),
            Self::Final(payload) => payload.len(),
            Self::Deny(text)
            | Self::UnknownAction(text)
            | Self::InvalidPayload(text)
            | Self::Failed(text) => text.len(),
        }
    }
}
