//! How far a child is and what it used.

use std::time::Duration;

/// Where a child is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// It is being started.
    Starting,
    /// It runs.
    Running,
    /// It has ended; [`Child::try_wait`](super::Child::try_wait) tells how.
    Exited,
}

/// How far a child is and what it used, with all that it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// Where it is in its life.
    pub phase: Phase,
    /// The processor time that it used so far, in whole milliseconds.
    pub cpu: Duration,
    /// The most memory that it used, in bytes.
    pub peak_memory: u64,
}
