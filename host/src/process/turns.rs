//! Lets capsules take turns at starting processes, so that one that starts them
//! without end keeps no other waiting: few sandboxes come up at a time, and the next
//! place goes to the capsule that has waited longest since its last.

use std::collections::VecDeque;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::thread::available_parallelism;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use crate::locked::lock;

/// Sandboxes that come up at a time, for each processor: as many as keep it busy,
/// since each waits for the kernel most of the time.
const PER_PROCESSOR: usize = 4;

/// How long a start may keep its place. One that hangs, for example in the file
/// system of a workspace, keeps nobody else from starting.
const LONGEST: Duration = Duration::from_millis(500);

/// The places, and who waits for one.
#[derive(Debug)]
pub(super) struct Turns(Mutex<State>);

#[derive(Debug)]
struct State {
    free: usize,
    /// One queue for each capsule that waits; the first is next.
    waiting: VecDeque<Queue>,
}

#[derive(Debug)]
struct Queue {
    capsule: String,
    calls: VecDeque<oneshot::Sender<Turn>>,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    /// `None` once the place is given back.
    turns: Option<Arc<Turns>>,
    until: Instant,
}

impl Turns {
    pub(super) fn new() -> Arc<Self> {
        let processors = available_parallelism().map_or(1, usize::from);
        Self::of(processors * PER_PROCESSOR)
    }

    fn of(places: usize) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            free: places,
            waiting: VecDeque::new(),
        })))
    }

    /// Waits for a place. Whoever stops waiting loses nothing of it.
    pub(super) async fn take(self: &Arc<Self>, capsule: &str) -> Turn {
        let waits = {
            let mut state = lock(&self.0);
            if state.free > 0 {
                state.free -= 1;
                return Turn::of(self);
            }
            let (give, waits) = oneshot::channel();
            state.queue(capsule).push_back(give);
            waits
        };
        // Senders are dropped with the places, which this call holds.
        waits.await.unwrap_or_else(|_| Turn::of(self))
    }

    /// Gives a place to whoever is next.
    fn pass_on(self: &Arc<Self>) {
        loop {
            let Some(next) = lock(&self.0).next() else {
                return;
            };
            match next.send(Turn::of(self)) {
                Ok(()) => return,
                // It waits no more. Its place is passed on here, not by its drop.
                Err(mut turn) => turn.turns = None,
            }
        }
    }
}

impl State {
    fn queue(&mut self, capsule: &str) -> &mut VecDeque<oneshot::Sender<Turn>> {
        let found = self.waiting.iter().position(|of| of.capsule == capsule);
        let at = found.unwrap_or_else(|| {
            self.waiting.push_back(Queue {
                capsule: capsule.into(),
                calls: VecDeque::new(),
            });
            self.waiting.len() - 1
        });
        &mut self.waiting[at].calls
    }

    /// Who is next. When nobody waits, the place is free.
    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        while let Some(mut queue) = self.waiting.pop_front() {
            let Some(call) = queue.calls.pop_front() else {
                continue;
            };
            if !queue.calls.is_empty() {
                self.waiting.push_back(queue);
            }
            return Some(call);
        }
        self.free += 1;
        None
    }
}

impl Turn {
    fn of(turns: &Arc<Turns>) -> Self {
        Self {
            turns: Some(Arc::clone(turns)),
            until: Instant::now() + LONGEST,
        }
    }
}

/// Waits until a start has kept its place for as long as it may.
pub(super) async fn over(turn: Option<&Turn>) {
    match turn {
        Some(turn) => sleep_until(turn.until).await,
        None => pending().await,
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(turns) = self.turns.take() {
            turns.pass_on();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn capsules_take_turns_however_many_calls_one_makes() {
        let turns = Turns::of(1);
        let first = turns.take("many").await;
        let mut many: Vec<_> = (0..3).map(|_| Box::pin(turns.take("many"))).collect();
        for waits in &mut many {
            assert!(waits.now_or_never().is_none());
        }
        let mut one = Box::pin(turns.take("one"));
        assert!((&mut one).now_or_never().is_none());
        drop(first);
        let second = (&mut many[0]).now_or_never().expect("it waited longest");
        assert!((&mut one).now_or_never().is_none());
        drop(second);
        let third = one.now_or_never().expect("the other capsule is next");
        drop(third);
        assert!((&mut many[1]).now_or_never().is_some());
    }

    #[tokio::test]
    async fn whoever_stops_waiting_keeps_no_place() {
        let turns = Turns::of(1);
        let first = turns.take("a").await;
        let mut gone = Box::pin(turns.take("a"));
        let mut given = Box::pin(turns.take("b"));
        let mut last = Box::pin(turns.take("c"));
        for waits in [&mut gone, &mut given, &mut last] {
            assert!(waits.now_or_never().is_none());
        }
        drop(gone);
        drop(first);
        // It was given its turn, and goes without having taken it.
        drop(given);
        assert!(last.now_or_never().is_some());
        assert_eq!(lock(&turns.0).free, 1);
        assert!(lock(&turns.0).waiting.is_empty());
    }
}
