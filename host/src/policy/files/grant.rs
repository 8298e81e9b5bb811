//! The grant of a folder, and how it is written.

use std::fmt;

use super::path::{AbsolutePath, WORKSPACE};
use crate::policy::words::{quote, split};

/// What is done with the files below a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileAccess {
    /// They are read.
    #[default]
    Read,
    /// They are read, written, made and removed.
    ReadWrite,
}

impl FileAccess {
    /// What the names of its capabilities begin with.
    pub(in crate::policy) fn kind(self) -> &'static str {
        match self {
            Self::Read => "files",
            Self::ReadWrite => "files-write",
        }
    }
}

/// A granted folder with all that is below it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FilesGrant {
    /// The folder, as the capsule sees it.
    pub path: AbsolutePath,
    /// What may be done there.
    pub access: FileAccess,
    /// Where it is on the host, or in the workspace; `None` where it is called
    /// the same.
    pub at: Option<AbsolutePath>,
}

impl FilesGrant {
    /// Reads what stands after the kind of the grant.
    pub(in crate::policy) fn parse(access: FileAccess, words: &str) -> Result<Self, String> {
        let words = split(words)?;
        let path =
            |text: &String| AbsolutePath::try_from(text.clone()).map_err(|error| error.to_string());
        let (path, at) = match words.as_slice() {
            [one] => (path(one)?, None),
            [one, at] => (path(one)?, Some(path(at)?)),
            _ => return Err("it names a folder and, where that differs, its place".to_owned()),
        };
        if at.is_some() && path.in_workspace().is_some() {
            return Err(format!("`{WORKSPACE}` is the workspace, and nowhere else"));
        }
        Ok(Self { path, access, at })
    }

    pub(in crate::policy) fn capability(&self) -> String {
        format!("{}:{}", self.access.kind(), self.path)
    }

    pub(in crate::policy) fn effect(&self) -> String {
        let place = self.at.as_ref().unwrap_or(&self.path);
        match self.access {
            FileAccess::Read => format!("reads all files below {place}"),
            FileAccess::ReadWrite => format!("reads and writes all files below {place}"),
        }
    }

    /// Where a folder is on the host, or in the workspace; `None` when this does
    /// not cover it.
    pub(super) fn place_of(&self, path: &AbsolutePath) -> Option<AbsolutePath> {
        let rest = self.path.rest_of(path)?;
        Some(self.at.as_ref().unwrap_or(&self.path).join(rest))
    }
}

impl fmt::Display for FilesGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, path) = (self.access.kind(), quote(self.path.as_str()));
        write!(f, "{kind}:{path}")?;
        match &self.at {
            None => Ok(()),
            Some(at) => write!(f, " {}", quote(at.as_str())),
        }
    }
}
