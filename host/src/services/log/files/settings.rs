//! How a [`super::FileSink`] rotates, and what it keeps.

use std::num::{NonZeroU64, NonZeroUsize};
use std::time::Duration;

/// How files are rotated, and what is kept of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileSettings {
    /// The bytes of one file: the line that would make it larger begins the next
    /// one. 64 MiB unless it is set. A line that is larger has a file of its own.
    pub rotate_bytes: NonZeroU64,
    /// What is kept.
    pub keep: LogRetention,
    /// How often it is looked for files to remove, besides at the start and after
    /// each rotation. Ten minutes unless it is set.
    pub sweep_every: Duration,
    /// Files that are open at a time; 64 unless it is set. With more in use, the
    /// one that was used longest ago is closed.
    pub open_files: NonZeroUsize,
}

/// What is kept of the files. Those that lines are written to today are kept
/// whatever this says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogRetention {
    /// Days before today (UTC) whose files are kept; `None` keeps all of them. 30
    /// unless it is set.
    pub days: Option<u32>,
    /// The bytes of all files together, of which the oldest are removed; `None`
    /// for any number. 1 GiB unless it is set.
    pub bytes: Option<u64>,
}

impl Default for FileSettings {
    fn default() -> Self {
        Self {
            rotate_bytes: NonZeroU64::MIN.saturating_add((64 << 20) - 1),
            keep: LogRetention::default(),
            sweep_every: Duration::from_secs(600),
            open_files: NonZeroUsize::MIN.saturating_add(63),
        }
    }
}

impl Default for LogRetention {
    fn default() -> Self {
        Self {
            days: Some(30),
            bytes: Some(1 << 30),
        }
    }
}
