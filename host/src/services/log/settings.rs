//! How a runtime logs.

use super::LogLevel;

/// How a runtime logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogSettings {
    /// Lines below it are not written.
    pub level: LogLevel,
    /// Lines of all capsules that may wait for the writer; more are dropped, and counted. Each
    /// capsule has a share, and the host's lines about capsules have as many of their own.
    pub queue: usize,
    /// The bytes of all lines that may wait for the writer; likewise, with a quarter as many for
    /// the host's lines.
    pub queue_bytes: usize,
    /// The bytes that one line's message, keys and text values may have.
    pub max_line: u64,
    /// How fast one capsule may log.
    pub rate: LogRate,
}

/// How fast one capsule may log, whatever its lines come from: what it emits,
/// what it prints, and what its processes write. Lines over it are dropped,
/// counted, and the count is said in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogRate {
    /// Lines a second.
    pub lines: u32,
    /// Lines at once, by a capsule that was silent before.
    pub burst: u32,
    /// Bytes a second, as lines take them in memory.
    pub bytes: u64,
    /// Bytes at once.
    pub burst_bytes: u64,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            level: LogLevel::Info,
            queue: 8192,
            queue_bytes: 16 << 20,
            max_line: 64 << 10,
            rate: LogRate::default(),
        }
    }
}

impl Default for LogRate {
    fn default() -> Self {
        Self {
            lines: 10_000,
            burst: 20_000,
            bytes: 16 << 20,
            burst_bytes: 32 << 20,
        }
    }
}
