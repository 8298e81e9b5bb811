//! The names of variables that a capsule may set.

/// The name of an environment variable that a capsule may set.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct VariableName(String);

/// Why a variable cannot be asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidVariable {
    /// Not a name.
    #[error("`{}` is not the name of an environment variable", crate::plain::quoted(.0))]
    Form(String),
    /// The loader would take code from it.
    #[error("`{0}` makes a program load other code: it cannot be set")]
    Loader(String),
}

impl VariableName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for VariableName {
    type Error = InvalidVariable;

    fn try_from(text: String) -> Result<Self, InvalidVariable> {
        let form = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if text.is_empty() || !text.bytes().all(form) || text.as_bytes()[0].is_ascii_digit() {
            return Err(InvalidVariable::Form(text));
        }
        if text.starts_with("LD_") || matches!(text.as_str(), "GCONV_PATH" | "GLIBC_TUNABLES") {
            return Err(InvalidVariable::Loader(text));
        }
        Ok(Self(text))
    }
}
