//! How much of a workspace is looked at.

use std::time::Duration;

/// How far a survey goes.
#[derive(Debug, Clone, Copy)]
pub(in crate::sandbox::git) struct Limits {
    /// How many entries of directories are looked at.
    pub(in crate::sandbox::git) entries: usize,
    /// How long looking into what git obeys may take: what there is beyond is not
    /// known.
    pub(in crate::sandbox::git) time: Duration,
    /// How long looking through directories may take, beside that.
    pub(in crate::sandbox::git) walk: Duration,
    /// How many bytes of indexes are read.
    pub(in crate::sandbox::git) index_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // On one processor of 2024 that takes some 300 ms.
            entries: 500_000,
            time: Duration::from_secs(5),
            walk: Duration::from_secs(5),
            index_bytes: 256 << 20,
        }
    }
}
