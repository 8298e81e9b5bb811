//! Who makes a call, and until when.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::capsule::{CapsuleId, CapsuleUuid};

/// The caller of one invocation. Fixed when it begins.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// On whose behalf the call is made.
    pub(crate) principal: Option<String>,
    /// Where it comes from.
    pub(crate) source: Source,
    /// The id by which it is cancelled.
    pub(crate) call_id: Option<String>,
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

/// A moment on both clocks: one to wait by, one to tell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    /// What is waited for.
    pub(crate) instant: Instant,
    /// What a capsule is told.
    pub(crate) wall: SystemTime,
}

impl Deadline {
    /// The moment in so long a time.
    pub(crate) fn after(time: Duration) -> Self {
        Self {
            instant: Instant::now() + time,
            wall: SystemTime::now() + time,
        }
    }

    /// The earlier of the two.
    pub(crate) fn min(self, other: Self) -> Self {
        if other.instant < self.instant {
            other
        } else {
            self
        }
    }
}
