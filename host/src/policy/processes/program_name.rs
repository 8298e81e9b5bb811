//! The names of programs in manifests and grants.

use std::fmt;

use crate::policy::words::is_plain;

/// A program as manifests and grants name it: a bare name that is looked up in
/// the sandbox's PATH, or an absolute path.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct ProgramName(String);

/// Why a text names no program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidProgram {
    /// It has another form.
    #[error("`{}` names no program: give a bare name, or an absolute path", crate::plain::quoted(.0))]
    Form(String),
    /// It is a bare name with letters that may look like others.
    #[error(
        "`{}` is not ASCII, and may look like another program: give an absolute path",
        crate::plain::quoted(.0)
    )]
    Lookalike(String),
}

impl ProgramName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ProgramName {
    type Error = InvalidProgram;

    fn try_from(text: String) -> Result<Self, InvalidProgram> {
        let absolute = text.starts_with('/') && !text.ends_with('/');
        let bare = !text.is_empty() && !text.contains('/') && text != "." && text != "..";
        let plain = is_plain(&text) && !text.contains('*') && text.trim() == text;
        if !plain || !(absolute || bare) {
            return Err(InvalidProgram::Form(text));
        }
        if bare && !text.is_ascii() {
            return Err(InvalidProgram::Lookalike(text));
        }
        Ok(Self(text))
    }
}

impl fmt::Display for ProgramName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
