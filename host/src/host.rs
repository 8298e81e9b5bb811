//! What every invocation shares.

use std::sync::Arc;

use crate::blocking::BlockingThreads;
use crate::capsule::{Capsule, CapsuleUuid};
use crate::process::ProcessService;
use crate::services::audit::Audit;
use crate::services::log::LogService;

/// Finds loaded capsules as they are now.
pub(crate) trait LoadedCapsules: Send + Sync {
    /// Returns the capsule with this uuid; `None` once it is unloaded or replaced.
    fn by_uuid(&self, uuid: CapsuleUuid) -> Option<Arc<Capsule>>;
}

/// The loaded capsules, and the services that the interfaces call.
pub(crate) struct HostContext {
    pub(crate) capsules: Arc<dyn LoadedCapsules>,
    pub(crate) log: LogService,
    pub(crate) audit: Audit,
    /// The threads that wait for files of capsules.
    pub(crate) file_threads: Arc<BlockingThreads>,
    /// `None` when the host was set up without a sandbox.
    pub(crate) processes: Option<ProcessService>,
}
