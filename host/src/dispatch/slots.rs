//! Bounds on the calls at a time.

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::services::hook::MAX_DEPTH;

/// Slots for calls. Whoever finds none waits, if not too many wait already.
///
/// A call keeps its slot while it waits for the calls below it, so that each
/// depth of a chain has slots of its own: calls of one depth only ever wait
/// for slots of the next, and no circle of them can come about. Every depth
/// has half as many as the one above it.
pub(crate) struct Slots {
    by_depth: Vec<Semaphore>,
    waiting: Semaphore,
    may_wait: u32,
}

/// As many calls as may wait are waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Crowded;

impl Slots {
    /// Slots for so many calls of the first depth.
    pub(crate) fn new(calls: u32, waiting: u32) -> Self {
        let by_depth = (0..=MAX_DEPTH).map(|depth| Semaphore::new(at_depth(calls, depth) as usize));
        Self {
            by_depth: by_depth.collect(),
            waiting: Semaphore::new(waiting as usize),
            may_wait: waiting,
        }
    }

    /// One slot for the calls of all depths.
    pub(crate) fn single(waiting: u32) -> Self {
        Self {
            by_depth: vec![Semaphore::new(1)],
            waiting: Semaphore::new(waiting as usize),
            may_wait: waiting,
        }
    }

    /// Whether there is just one for calls of all depths, so that a call may wait for one
    /// that waits for it.
    pub(super) fn is_single(&self) -> bool {
        self.by_depth.len() == 1
    }

    /// How many wait now.
    pub(super) fn waiting(&self) -> usize {
        let free = self.waiting.available_permits();
        (self.may_wait as usize).saturating_sub(free)
    }

    /// The slots of all depths together, where the first has so many.
    pub(crate) fn total(calls: u32) -> u32 {
        (0..=MAX_DEPTH)
            .map(|depth| at_depth(calls, depth))
            .fold(0, u32::saturating_add)
    }

    /// A slot, if one is free, kept until it is dropped.
    pub(super) fn try_take(&self, depth: usize) -> Option<SemaphorePermit<'_>> {
        self.at(depth).try_acquire().ok()
    }

    /// A slot, kept until it is dropped. Waits without end.
    pub(super) async fn take(&self, depth: usize) -> Result<SemaphorePermit<'_>, Crowded> {
        if let Some(slot) = self.try_take(depth) {
            return Ok(slot);
        }
        let _waiting = self.waiting.try_acquire().map_err(|_| Crowded)?;
        self.at(depth).acquire().await.map_err(|_| Crowded)
    }

    fn at(&self, depth: usize) -> &Semaphore {
        &self.by_depth[depth.min(self.by_depth.len() - 1)]
    }
}

fn at_depth(calls: u32, depth: usize) -> u32 {
    calls.checked_shr(depth as u32).unwrap_or(0).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_depth_has_its_own_places() {
        let slots = Slots::new(2, 0);
        let first = slots.take(0).await.expect("free");
        let second = slots.take(0).await.expect("free");
        assert_eq!(slots.take(0).await.err(), Some(Crowded));
        // The calls below those two find a slot.
        let below = slots.take(1).await.expect("free");
        assert_eq!(slots.take(1).await.err(), Some(Crowded));
        for depth in 2..=MAX_DEPTH {
            drop(slots.take(depth).await.expect("free"));
        }
        drop((first, second, below));
        drop(slots.take(0).await.expect("free again"));
    }

    #[tokio::test]
    async fn only_so_many_wait() {
        let slots = Slots::new(1, 1);
        let held = slots.take(0).await.expect("free");
        let mut waits = Box::pin(slots.take(0));
        assert!(futures_are_pending(&mut waits).await);
        assert_eq!(slots.take(0).await.err(), Some(Crowded));
        drop(held);
        drop(waits.await.expect("its turn"));
    }

    async fn futures_are_pending<F: Future + Unpin>(future: &mut F) -> bool {
        std::future::poll_fn(|context| {
            std::task::Poll::Ready(std::pin::Pin::new(&mut *future).poll(context).is_pending())
        })
        .await
    }

    #[test]
    fn the_total_is_that_of_all_depths() {
        assert_eq!(Slots::total(256), 256 + 128 + 64 + 32 + 16 + 8 + 4 + 2 + 1);
        assert_eq!(Slots::total(1), 9);
    }
}
