//! What a manifest asks for of folders.

use super::{AbsolutePath, FileAccess, FilesGrant};
use crate::policy::Grant;

/// One `[[files]]` of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FilesRequest {
    /// The folder, as the capsule sees it.
    pub path: AbsolutePath,
    /// What it does there.
    #[serde(default)]
    pub access: FileAccess,
    /// The line of the manifest where it begins, counted from 1; `None` when it
    /// was not read from one.
    #[serde(skip)]
    pub line: Option<usize>,
}

impl FilesRequest {
    /// The narrowest grant that allows this, for a folder that is called the
    /// same on the host.
    #[must_use]
    pub fn as_grant(&self) -> Grant {
        Grant::Files(FilesGrant {
            path: self.path.clone(),
            access: self.access,
            at: None,
        })
    }
}
