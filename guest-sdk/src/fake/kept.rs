//! One output of a fake child, kept as its command asks.

use crate::process::{Chunk, Keep};

pub(super) struct Kept {
    keep: Keep,
    /// What is there to be read.
    bytes: Vec<u8>,
    /// How many bytes came before those.
    before: u64,
    /// Whether the stream was given away.
    taken: bool,
}

impl Kept {
    pub(super) fn new(keep: Keep) -> Self {
        Self {
            keep,
            bytes: Vec::new(),
            before: 0,
            taken: false,
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        match self.keep {
            Keep::Null | Keep::Log => {}
            Keep::Stream => self.bytes.extend_from_slice(bytes),
            Keep::Ring(limit) => {
                self.bytes.extend_from_slice(bytes);
                let limit = usize::try_from(limit).unwrap_or(usize::MAX);
                self.forget(self.bytes.len().saturating_sub(limit));
            }
        }
    }

    /// What a ring has at a position; `None` when this is no ring.
    pub(super) fn chunk(&self, cursor: u64, max: usize) -> Option<Chunk> {
        let Keep::Ring(_) = self.keep else {
            return None;
        };
        let from = cursor.max(self.before);
        let at = usize::try_from(from - self.before).unwrap_or(usize::MAX);
        let rest = self.bytes.get(at..).unwrap_or_default();
        let bytes = rest[..rest.len().min(max)].to_vec();
        Some(Chunk {
            next: from + bytes.len() as u64,
            dropped: from - cursor,
            bytes,
        })
    }

    /// What is in a ring, and how much came before.
    pub(super) fn captured(&self) -> (Vec<u8>, u64) {
        match self.keep {
            Keep::Ring(_) => (self.bytes.clone(), self.before),
            Keep::Null | Keep::Log | Keep::Stream => (Vec::new(), 0),
        }
    }

    /// Whether this is a stream that nobody has; then it is given away.
    pub(super) fn take(&mut self) -> bool {
        let free = self.keep == Keep::Stream && !self.taken;
        self.taken |= free;
        free
    }

    /// The next bytes of a stream.
    pub(super) fn next(&mut self, max: usize) -> Vec<u8> {
        let next = self.bytes[..self.bytes.len().min(max)].to_vec();
        self.forget(next.len());
        next
    }

    fn forget(&mut self, bytes: usize) {
        self.bytes.drain(..bytes);
        self.before += bytes as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_counts_what_a_reader_missed() {
        let mut kept = Kept::new(Keep::Ring(3));
        kept.push(b"abc");
        kept.push(b"de");
        let chunk = kept.chunk(1, 2).unwrap();
        assert_eq!((chunk.bytes.as_slice(), chunk.next), (&b"cd"[..], 4));
        assert_eq!(chunk.dropped, 1);
        assert_eq!(kept.chunk(9, 2).unwrap().bytes, b"");
        assert_eq!(kept.captured(), (b"cde".to_vec(), 2));
        assert!(!kept.take());
    }

    #[test]
    fn a_stream_is_taken_once_and_loses_nothing() {
        let mut kept = Kept::new(Keep::Stream);
        assert!(kept.take());
        assert!(!kept.take());
        kept.push(b"abc");
        assert_eq!(kept.next(2), b"ab");
        kept.push(b"d");
        assert_eq!(kept.next(9), b"cd");
        assert_eq!(kept.chunk(0, 9), None);
    }
}
