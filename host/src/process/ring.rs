//! The newest bytes of a stream, found by their position in the whole of it.
//!
//! Pure, and of the standard library alone: a fuzz target includes this file.

/// The newest bytes of a stream. It grows up to its limit, and no further.
#[derive(Debug)]
pub(super) struct Ring {
    bytes: Vec<u8>,
    limit: usize,
    /// Where the oldest byte is once the ring is full.
    oldest: usize,
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
            bytes: Vec::new(),
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
            oldest: 0,
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
        let room = self.limit - self.bytes.len();
        let (first, mut rest) = bytes.split_at(room.min(bytes.len()));
        self.grow(first.len());
        self.bytes.extend(first);
        self.dropped += rest.len() as u64;
        if rest.len() > self.limit {
            // Only the last ones stay, so the others need not be copied.
            rest = &rest[rest.len() - self.limit..];
        }
        while !rest.is_empty() {
            let here = rest.len().min(self.limit - self.oldest);
            let (now, later) = rest.split_at(here);
            self.bytes[self.oldest..self.oldest + here].copy_from_slice(now);
            self.oldest = (self.oldest + here) % self.limit;
            rest = later;
        }
    }

    /// Makes room for `more` bytes, never beyond the limit.
    fn grow(&mut self, more: usize) {
        let needed = self.bytes.len() + more;
        if needed > self.bytes.capacity() {
            let wanted = (self.bytes.capacity() * 2).clamp(needed, self.limit);
            self.bytes.reserve_exact(wanted - self.bytes.len());
        }
    }

    /// At most `max` bytes from the position `cursor` on, or from the first
    /// one after it that is still there. Beyond the end there is nothing yet.
    pub(super) fn read(&self, cursor: u64, max: usize) -> Piece {
        let from = cursor.max(self.start());
        let available = self.end().saturating_sub(from);
        // What is there fits in memory, so the numbers below do too.
        let len = available.min(max as u64) as usize;
        let mut bytes = Vec::with_capacity(len);
        if len > 0 {
            let (newer, older) = self.bytes.split_at(self.oldest);
            let skip = (from - self.start()) as usize;
            let first = older.get(skip..).unwrap_or_default();
            bytes.extend(&first[..first.len().min(len)]);
            let skip = skip.saturating_sub(older.len());
            let left = len - bytes.len();
            bytes.extend(&newer[skip.min(newer.len())..][..left]);
        }
        Piece {
            bytes,
            next: from + len as u64,
            dropped: from - cursor,
        }
    }

    /// All that is there, and how many bytes were dropped before it.
    pub(super) fn into_parts(mut self) -> (Vec<u8>, u64) {
        self.bytes.rotate_left(self.oldest);
        (self.bytes, self.dropped)
    }
}

#[cfg(test)]
mod tests;
