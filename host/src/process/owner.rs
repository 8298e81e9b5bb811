//! Whose a process is, and what it belongs to.

use std::sync::Arc;
use std::time::Instant;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::lines::LineSink;

/// Whose process it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Owner {
    /// The capsule's id.
    pub capsule: String,
    /// The capsule's present loading.
    pub capsule_uuid: Uuid,
    /// On whose behalf the capsule acts.
    pub principal: Option<String>,
    /// The call that the process belongs to.
    pub call: Option<String>,
}

impl Owner {
    /// Whether a child of this owner is there for `other` too.
    pub(super) fn may_see(&self, other: &Self) -> bool {
        self.capsule_uuid == other.capsule_uuid && self.principal == other.principal
    }
}

/// What a process belongs to.
#[derive(Clone)]
pub struct RunContext {
    /// Whose it is.
    pub owner: Owner,
    /// Cancels the call.
    pub cancel: CancellationToken,
    /// Cancelled when the capsule is unloaded.
    pub unloaded: CancellationToken,
    /// When the call ends.
    pub deadline: Option<Instant>,
    /// Knows of every process of the call until it has ended or is detached.
    pub running: TaskTracker,
    /// Cancelled when the call is answered. Only a guest that lives on can hold
    /// a child then that is not detached.
    pub answered: CancellationToken,
    /// Takes the lines of streams that are kept as a log.
    pub lines: Arc<dyn LineSink>,
}
