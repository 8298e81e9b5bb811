//! Keeps long work of one kind from taking every worker of the scheduler.
//!
//! A guest that computes yields at every tick, and then stands behind all others
//! that do. With many of one capsule, everybody else waits for each of them. So what
//! they compute is counted for the capsule, and together they get all workers but
//! one, or the one that there is. Calls that answer at once are not counted. The
//! same holds for what the host does with the output of processes.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

/// What is shorter is no long computation: less than the time between two ticks.
const LONG: Duration = Duration::from_micros(500);

/// The turns of one capsule's computations, or of another kind of work.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// When it has had what it computed until now.
    paid: Mutex<Option<Instant>>,
}

impl Pace {
    /// Does some work, and lets others have their turn.
    pub(crate) async fn keep<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        loop {
            let mut computed = Duration::ZERO;
            let done = poll_fn(|context| {
                let began = Instant::now();
                let polled = work.as_mut().poll(context);
                if polled.is_ready() {
                    return polled.map(Some);
                }
                computed = began.elapsed();
                if computed < LONG {
                    Poll::Pending
                } else {
                    Poll::Ready(None)
                }
            });
            if let Some(done) = done.await {
                return done;
            }
            match self.turn(computed) {
                // Its waker has been called or will be: it is polled anyway.
                None => tokio::task::yield_now().await,
                Some(turn) => tokio::time::sleep_until(turn.into()).await,
            }
        }
    }

    /// When a call that has computed for so long goes on; `None`: when those that
    /// wait have had their turn.
    fn turn(&self, computed: Duration) -> Option<Instant> {
        let workers = Handle::current().metrics().num_workers();
        let share = u32::try_from(workers.saturating_sub(1)).unwrap_or(1).max(1);
        let mut paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        // What this call has just used is over: it counts for the next.
        let began = now.checked_sub(computed).unwrap_or(now);
        let turn = paid.map_or(began, |paid| paid.max(began)) + computed / share;
        *paid = Some(turn);
        (turn > now).then_some(turn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_call_alone_is_not_held_up() {
        let pace = Pace::default();
        for _ in 0..3 {
            std::thread::sleep(Duration::from_millis(4));
            assert_eq!(pace.turn(Duration::from_millis(4)), None);
        }
    }

    #[tokio::test]
    async fn many_calls_take_turns() {
        let pace = Pace::default();
        let ms = Duration::from_millis;
        let now = Instant::now();
        assert_eq!(pace.turn(ms(5)), None);
        for number in 1..10 {
            let turn = pace.turn(ms(5)).expect("others were before");
            let after = turn.duration_since(now);
            assert!(
                after >= ms(5 * number - 1) && after <= ms(5 * number + 50),
                "{after:?}"
            );
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_capsule_that_computes_in_many_calls_leaves_a_worker_to_others() {
        let pace = std::sync::Arc::new(Pace::default());
        let calls: Vec<_> = (0..64)
            .map(|_| {
                let pace = std::sync::Arc::clone(&pace);
                tokio::spawn(async move {
                    pace.keep(async {
                        for _ in 0..1000 {
                            std::thread::sleep(Duration::from_millis(5));
                            tokio::task::yield_now().await;
                        }
                    })
                    .await;
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(300)).await;
        let mut waited = Vec::new();
        for _ in 0..50 {
            let began = Instant::now();
            tokio::spawn(tokio::task::yield_now())
                .await
                .expect("a task");
            waited.push(began.elapsed());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        waited.sort_unstable();
        assert!(waited[45] < Duration::from_millis(50), "{waited:?}");
        for call in calls {
            call.abort();
        }
    }
}
