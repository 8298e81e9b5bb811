//! The newest bytes of a stream, found by their position in the whole of it.
//!
//! Pure, and of the standard library alone: a fuzz target includes this file.

use std::collections::VecDeque;

/// The newest bytes of a stream. It grows up to its limit, and no further.
#[derive(Debug)]
pub(super) struct Ring {
    bytes: VecDeque<u8>,
    limit: usize,
    dropped: u64,
}

/// Part of what a ring holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) bytes: Vec<u8>,
    /// The position after the last of them.
    pub(super) next: u64,
    /// How many bytes from the position asked for on are gone.
    pub(super) dropped: u64,
}

impl Ring {
    /// A ring of at most `limit` bytes.
    pub(super) fn new(limit: u64) -> Self {
        Self {
            bytes: VecDeque::new(),
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
            dropped: 0,
        }
    }

    /// The position of the first byte that is still there.
    pub(super) fn start(&self) -> u64 {
        self.dropped
    }

    /// The position after the last byte.
    pub(super) fn end(&self) -> u64 {
        self.dropped + self.bytes.len() as u64
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        // Only the last ones stay, so the others need not be copied.
        let kept = &bytes[bytes.len().saturating_sub(self.limit)..];
        let over = (self.bytes.len() + kept.len()).saturating_sub(self.limit);
        self.bytes.drain(..over);
        self.dropped += (over + bytes.len() - kept.len()) as u64;
        // By doubling, but never beyond the limit.
        let needed = self.bytes.len() + kept.len();
        if needed > self.bytes.capacity() {
            let wanted = (self.bytes.capacity() * 2).clamp(needed, self.limit);
            self.bytes.reserve_exact(wanted - self.bytes.len());
        }
        self.bytes.extend(kept);
    }

    /// At most `max` bytes from the position `cursor` on, or from the first
    /// one after it that is still there. Beyond the end there is nothing yet.
    pub(super) fn read(&self, cursor: u64, max: usize) -> Piece {
        let from = cursor.max(self.start());
        let available = self.end().saturating_sub(from);
        // What is there fits in memory, so the numbers below do too.
        let len = available.min(max as u64) as usize;
        let skip = (from.min(self.end()) - self.start()) as usize;
        let (older, newer) = self.bytes.as_slices();
        let first = older.get(skip..).unwrap_or_default();
        let mut bytes = Vec::with_capacity(len);
        bytes.extend(&first[..first.len().min(len)]);
        let rest = newer.get(skip.saturating_sub(older.len())..);
        bytes.extend(&rest.unwrap_or_default()[..len - bytes.len()]);
        Piece {
            bytes,
            next: from + len as u64,
            dropped: from - cursor,
        }
    }

    /// All that is there, and how many bytes were dropped before it.
    pub(super) fn into_parts(self) -> (Vec<u8>, u64) {
        (self.bytes.into(), self.dropped)
    }
}

#[cfg(test)]
mod tests;
