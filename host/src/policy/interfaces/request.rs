//! What a manifest asks for of the embedder's interfaces.

use super::InterfaceName;
use crate::policy::Grant;

/// One `[[interface]]` of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InterfaceRequest {
    /// The interface.
    pub name: InterfaceName,
    /// The line of the manifest where it begins, counted from 1; `None` when it
    /// was not read from one.
    pub line: Option<usize>,
}

impl InterfaceRequest {
    /// Returns the grant that allows it.
    #[must_use]
    pub fn as_grant(&self) -> Grant {
        Grant::Interface(self.name.clone())
    }
}
