//! Which component an entry of the operator's file applies to.

use boll_host::Digest;
use serde::Deserialize;

/// The component that an entry applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) enum Pin {
    Any,
    Exactly(Digest),
}

impl Pin {
    /// Returns whether it applies to this component.
    pub(super) fn fits(self, digest: Digest) -> bool {
        self == Self::Any || self == Self::Exactly(digest)
    }

    /// Returns it as the file has it.
    pub(super) fn text(self) -> String {
        match self {
            Self::Any => "any".to_owned(),
            Self::Exactly(digest) => digest.to_string(),
        }
    }
}

impl TryFrom<String> for Pin {
    type Error = boll_host::InvalidDigest;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.as_str() {
            "any" => Ok(Self::Any),
            digest => digest.parse().map(Self::Exactly),
        }
    }
}
