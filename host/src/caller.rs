//! Who makes a call, and until when.

use std::time::{Instant, SystemTime};

/// The caller of one invocation. Fixed when it begins.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// On whose behalf the call is made.
    pub(crate) principal: Option<String>,
    /// The id by which it is cancelled.
    pub(crate) call_id: Option<String>,
    /// When it began.
    pub(crate) started_at: SystemTime,
    /// When the host ends it.
    pub(crate) deadline: Deadline,
}

/// A moment on both clocks: one to wait by, one to tell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    /// What is waited for.
    pub(crate) instant: Instant,
    /// What a capsule is told.
    pub(crate) wall: SystemTime,
}
