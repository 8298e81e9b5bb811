//! Who makes a call.

use std::sync::Arc;
use std::time::SystemTime;

use super::{CallId, Deadline, PrincipalName};
use crate::capsule::{CapsuleId, CapsuleUuid};

/// The caller of one invocation. Fixed when it begins.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// On whose behalf the call is made.
    pub(crate) principal: Option<PrincipalName>,
    /// Where it comes from.
    pub(crate) source: Source,
    /// The id by which it is cancelled.
    pub(crate) call_id: Option<CallId>,
    /// When it began.
    pub(crate) started_at: SystemTime,
    /// When the host ends it.
    pub(crate) deadline: Deadline,
    /// The capsules that wait for it, the first caller first.
    pub(crate) chain: Arc<[CapsuleId]>,
}

/// Where a call comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The embedder.
    Host,
    /// A capsule that publishes.
    Capsule(CapsuleUuid),
}
