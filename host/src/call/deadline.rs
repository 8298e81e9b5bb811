//! When a call ends at the latest.

use std::time::{Duration, Instant, SystemTime};

/// A moment on both clocks: one to wait by, one to tell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    /// The moment to wait for.
    pub(crate) instant: Instant,
    /// The moment that a capsule reads.
    pub(crate) wall: SystemTime,
}

/// A hundred years: with more, the moment could be one that no clock has.
const MOST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

impl Deadline {
    /// The moment in so long a time, or in a hundred years.
    pub(crate) fn after(time: Duration) -> Self {
        let time = time.min(MOST);
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

/// Waits until a moment, or without end where there is none.
pub(crate) async fn passed(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment.into()).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_end_is_a_time_too() {
        let deadline = Deadline::after(Duration::MAX);
        assert!(deadline.instant > Instant::now() + MOST / 2);
    }
}
