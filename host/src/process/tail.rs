//! A ring that one task fills and any number of readers read.

use std::pin::pin;
use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;

use super::output::Captured;
use super::ring::Ring;

use crate::locked::lock;

/// The newest bytes of a child's output.
#[derive(Debug)]
pub(super) struct Tail {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug)]
struct State {
    ring: Ring,
    ended: bool,
}

/// Part of what a stream has produced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chunk {
    /// The bytes.
    pub(crate) bytes: Vec<u8>,
    /// The cursor for the next read.
    pub(crate) next: u64,
    /// How many bytes between the cursor asked for and the first byte given
    /// were dropped before they were read.
    pub(crate) dropped: u64,
    /// Nothing will follow: the child is gone and its stream was read to the end.
    pub(crate) eof: bool,
}

impl Tail {
    pub(super) fn new(limit: u64) -> Self {
        Self {
            state: Mutex::new(State {
                ring: Ring::new(limit),
                ended: false,
            }),
            changed: Notify::new(),
        }
    }

    pub(super) fn push(&self, bytes: &[u8]) {
        lock(&self.state).ring.push(bytes);
        self.changed.notify_waiters();
    }

    /// Says that nothing will follow.
    pub(super) fn end(&self) {
        lock(&self.state).ended = true;
        self.changed.notify_waiters();
    }

    /// At most `max` bytes from the absolute position `cursor` on. Waits until
    /// there is one, the stream has ended, or `patience` is over.
    pub(super) async fn read(&self, cursor: u64, max: usize, patience: Duration) -> Chunk {
        // The end of the waiting says nothing: the look after it decides.
        let _ = timeout(patience, self.beyond(cursor)).await;
        let state = lock(&self.state);
        let piece = state.ring.read(cursor, max);
        Chunk {
            eof: state.ended && piece.next >= state.ring.end(),
            bytes: piece.bytes,
            next: piece.next,
            dropped: piece.dropped,
        }
    }

    /// Waits until there is a byte at `cursor` or after it, or never will be.
    async fn beyond(&self, cursor: u64) {
        loop {
            let mut changed = pin!(self.changed.notified());
            // Listens before it looks, so that no change goes unnoticed.
            changed.as_mut().enable();
            let (end, ended) = {
                let state = lock(&self.state);
                (state.ring.end(), state.ended)
            };
            if ended || end > cursor {
                return;
            }
            changed.await;
        }
    }

    /// All that is there. It stays there.
    pub(super) fn captured(&self) -> Captured {
        let state = lock(&self.state);
        let piece = state.ring.read(0, usize::MAX);
        Captured {
            bytes: piece.bytes,
            dropped: piece.dropped,
        }
    }

    /// All that is there, without a copy. Nothing is left.
    pub(super) fn take(&self) -> Captured {
        let ring = std::mem::replace(&mut lock(&self.state).ring, Ring::new(0));
        let (bytes, dropped) = ring.into_parts();
        Captured { bytes, dropped }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_reader_waits_for_a_byte_and_for_the_end() {
        let tail = Arc::new(Tail::new(4));
        let reading = |cursor| {
            let tail = Arc::clone(&tail);
            tokio::spawn(async move { tail.read(cursor, 10, LONG).await })
        };
        let (first, second) = (reading(0), reading(2));
        tokio::task::yield_now().await;
        tail.push(b"ab");
        assert_eq!(first.await.unwrap().bytes, b"ab");
        assert!(!second.is_finished());
        tail.end();
        let chunk = second.await.unwrap();
        assert!(chunk.eof && chunk.bytes.is_empty());
    }

    #[tokio::test]
    async fn without_patience_nothing_is_waited_for() {
        let tail = Tail::new(4);
        let chunk = tail.read(0, 10, Duration::ZERO).await;
        assert_eq!((chunk.bytes, chunk.next, chunk.eof), (vec![], 0, false));
    }

    #[tokio::test]
    async fn the_end_is_told_with_the_last_byte_and_not_before() {
        let tail = Tail::new(4);
        tail.push(b"abc");
        tail.end();
        assert!(!tail.read(0, 2, LONG).await.eof);
        assert!(tail.read(0, 3, LONG).await.eof);
    }
}
