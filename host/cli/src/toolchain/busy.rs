//! Waits while another installation holds the lock of the package manager, such as the
//! system's own updates on a machine just started. Some package managers cannot wait themselves:
//! `apt-get update` ignores `DPkg::Lock::Timeout`. It runs no tool.

use std::thread;
use std::time::{Duration, Instant};

/// What package managers say, in English, when another process holds their lock: apt for its
/// lists and for its packages, pacman and apk, zypper.
const BUSY: [&str; 4] = [
    "Could not get lock",
    "Unable to acquire the dpkg frontend lock",
    "nable to lock database",
    "System management is locked",
];

/// How long the other installation is waited for.
const LIMIT: Duration = Duration::from_secs(120);

/// The time between two attempts.
const PAUSE: Duration = Duration::from_secs(3);

/// What is said before the first wait.
pub(crate) const WAITING: &str = "another installation holds the lock of the package manager; \
                                  waiting for it, up to 120 seconds";

/// Returns whether a package manager failed because another process holds its lock.
pub(crate) fn is_busy(output: &str) -> bool {
    BUSY.iter().any(|words| output.contains(words))
}

/// The attempts to install something.
#[derive(Debug)]
pub(crate) struct Attempts {
    began: Instant,
    limit: Duration,
    pause: Duration,
    /// Whether there was a wait already.
    waited: bool,
}

impl Attempts {
    pub(crate) fn begin() -> Self {
        Self::within(LIMIT, PAUSE)
    }

    pub(crate) fn within(limit: Duration, pause: Duration) -> Self {
        Self {
            began: Instant::now(),
            limit,
            pause,
            waited: false,
        }
    }

    /// Waits before the next attempt, after one whose output is this; `tell` is called before
    /// the first wait. Returns whether there is a next attempt.
    pub(crate) fn wait(&mut self, output: &str, tell: impl FnOnce(&str)) -> bool {
        if !is_busy(output) || self.began.elapsed() + self.pause > self.limit {
            return false;
        }
        if !self.waited {
            tell(WAITING);
        }
        self.waited = true;
        thread::sleep(self.pause);
        true
    }
}
