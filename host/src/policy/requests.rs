//! Everything that a manifest asks for.

use super::{
    FilesRequest, InterfaceRequest, NetworkRequest, ProcessRequest, PublishRequest, Subscription,
};

/// Everything that a manifest asks for and an operator may grant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Requests {
    /// The programs that it starts.
    pub processes: Vec<ProcessRequest>,
    /// The topics that it publishes to.
    pub publish: Vec<PublishRequest>,
    /// The topics that it is notified of.
    pub subscribe: Vec<Subscription>,
    /// The folders that it reads and writes.
    pub files: Vec<FilesRequest>,
    /// The hosts that it connects to.
    pub network: Vec<NetworkRequest>,
    /// The interfaces of the embedder's own that it uses.
    pub interfaces: Vec<InterfaceRequest>,
}

impl FromIterator<ProcessRequest> for Requests {
    fn from_iter<I: IntoIterator<Item = ProcessRequest>>(processes: I) -> Self {
        Self {
            processes: processes.into_iter().collect(),
            ..Self::default()
        }
    }
}
