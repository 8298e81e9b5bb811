//! What a manifest asks for of the network.

use super::Endpoint;
use crate::policy::Grant;

/// One `[[network]]` of a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NetworkRequest {
    /// What it connects to.
    pub endpoint: Endpoint,
    /// The line of the manifest where it begins, counted from 1; `None` when it
    /// was not read from one.
    pub line: Option<usize>,
}

impl NetworkRequest {
    /// The narrowest grant that allows this.
    #[must_use]
    pub fn as_grant(&self) -> Grant {
        Grant::Network(self.endpoint.clone())
    }
}
