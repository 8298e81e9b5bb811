//! Paths in one form, as manifests and grants name folders.

use std::fmt;

use crate::policy::words::is_plain;

/// What capsules call the workspace, in folders as in commands.
pub const WORKSPACE: &str = "/workspace";

/// An absolute path in one form: no `.`, no `..`, no `//`, no `/` at its end,
/// nothing that a terminal would not show as it is, and not `/` itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct AbsolutePath(String);

/// Why a text is no such path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPath {
    /// It has another form.
    #[error(
        "`{}` is not a path in its plain form: absolute, without `.`, `..`, `*` and `//`, \
         at most {MAX_PATH} bytes",
        crate::plain::quoted(.0)
    )]
    Form(String),
    /// It is `/`.
    #[error("`/` is the whole machine: name the folder in it that is needed")]
    Root,
}

/// The longest path, in bytes.
const MAX_PATH: usize = 4096;

impl AbsolutePath {
    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What of `other` lies below this path, without a `/` before it; empty for
    /// the path itself, `None` for what lies elsewhere.
    #[must_use]
    pub fn rest_of<'p>(&self, other: &'p Self) -> Option<&'p str> {
        rest_of(&self.0, &other.0)
    }

    /// Whether `other` is this path or lies below it.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.rest_of(other).is_some()
    }

    /// The path inside the workspace, without a `/` before it; `None` for one of
    /// the host.
    #[must_use]
    pub fn in_workspace(&self) -> Option<&str> {
        rest_of(WORKSPACE, &self.0)
    }

    pub(super) fn join(&self, rest: &str) -> Self {
        if rest.is_empty() {
            self.clone()
        } else {
            Self(format!("{}/{rest}", self.0))
        }
    }
}

fn rest_of<'p>(path: &str, other: &'p str) -> Option<&'p str> {
    match other.strip_prefix(path)? {
        "" => Some(""),
        rest => rest.strip_prefix('/'),
    }
}

impl TryFrom<String> for AbsolutePath {
    type Error = InvalidPath;

    fn try_from(text: String) -> Result<Self, InvalidPath> {
        if text == "/" {
            return Err(InvalidPath::Root);
        }
        let names = text.strip_prefix('/').map(|rest| rest.split('/'));
        let names = names.is_some_and(|mut names| {
            names.all(|name| !name.is_empty() && name != "." && name != "..")
        });
        let plain = is_plain(&text) && !text.contains('*') && text.trim() == text;
        if names && plain && text.len() <= MAX_PATH {
            Ok(Self(text))
        } else {
            Err(InvalidPath::Form(text))
        }
    }
}

impl fmt::Display for AbsolutePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
