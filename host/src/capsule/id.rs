//! The names of capsules: the id that an author chooses, and the uuid of each
//! load.

use std::fmt;
use std::sync::Arc;

/// A capsule's id: `[a-z0-9-]+`, at most 64 bytes, no `-` at either end. Cheap to clone.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize, serde::Serialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct CapsuleId(Arc<str>);

/// Why a text is not a capsule id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a capsule id: use a-z, 0-9 and, except at the ends, `-`; at most {max} bytes",
    max = CapsuleId::MAX_LEN
)]
pub struct InvalidCapsuleId(String);

impl CapsuleId {
    /// The longest id, in bytes.
    pub const MAX_LEN: usize = 64;

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for CapsuleId {
    type Error = InvalidCapsuleId;

    fn try_from(text: String) -> Result<Self, InvalidCapsuleId> {
        let form = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let valid = !text.is_empty()
            && text.len() <= Self::MAX_LEN
            && text.bytes().all(form)
            && !text.starts_with('-')
            && !text.ends_with('-');
        if valid {
            Ok(Self(text.into()))
        } else {
            Err(InvalidCapsuleId(text))
        }
    }
}

impl std::str::FromStr for CapsuleId {
    type Err = InvalidCapsuleId;

    fn from_str(text: &str) -> Result<Self, InvalidCapsuleId> {
        Self::try_from(text.to_owned())
    }
}

impl From<CapsuleId> for String {
    fn from(id: CapsuleId) -> Self {
        id.0.as_ref().to_owned()
    }
}

impl fmt::Display for CapsuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Identifies one load of a capsule: random, and new each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CapsuleUuid(uuid::Uuid);

impl CapsuleUuid {
    /// Creates a random one.
    #[must_use]
    pub fn random() -> Self {
        Self(uuid::Uuid::new_v4())
    }

    /// Parses the form that [`fmt::Display`] writes; returns `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        uuid::Uuid::try_parse(text).ok().map(Self)
    }
}

impl From<CapsuleUuid> for uuid::Uuid {
    fn from(uuid: CapsuleUuid) -> Self {
        uuid.0
    }
}

impl fmt::Display for CapsuleUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_one_form() {
        for good in ["a", "git-report", "2fast", &"x".repeat(64)] {
            assert_eq!(good.parse::<CapsuleId>().expect(good).as_str(), good);
        }
        for bad in [
            "",
            "-a",
            "a-",
            "A",
            "a_b",
            "a.b",
            "../x",
            "ä",
            &"x".repeat(65),
        ] {
            assert!(bad.parse::<CapsuleId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_uuid_survives_its_text() {
        let uuid = CapsuleUuid::random();
        assert_eq!(CapsuleUuid::parse(&uuid.to_string()), Some(uuid));
        assert_eq!(CapsuleUuid::parse("not one"), None);
    }
}
