//! When a call ends at the latest.

use std::time::{Duration, Instant, SystemTime};

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
