//! Keeps long work of one kind from taking every worker of the scheduler.
//!
//! A guest that computes yields at every tick, and then stands behind all others
//! that do; what it does in one instruction may take longer than a tick, and a call
//! that ends never yields. With many of one capsule, everybody else waits for each of
//! them. So what they compute is counted for the capsule, and together they get all
//! workers but one, or the one that there is: who has computed for long waits, and
//! whoever begins meanwhile. Calls that answer at once are not counted. The same holds
//! for what the host does with the output of processes.
//!
//! A turn is a time, not a lock: whoever has it may be kept from using it by another
//! capsule that is not having its own.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::time::sleep_until;

/// What is shorter is no long computation: less than the time between two ticks.
const LONG: Duration = Duration::from_micros(500);

/// The turns of one capsule's computations, or of another kind of work.
#[derive(Debug, Default)]
pub(crate) struct Pace(Mutex<Paid>);

#[derive(Debug, Default)]
struct Paid {
    /// When they have had what they computed until now.
    until: Option<Instant>,
    /// How long one computes that has just begun, as far as the last ones tell.
    first: Duration,
}

impl Pace {
    /// Does some work, and lets others have their turn.
    pub(crate) async fn keep<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        let mut taken = Duration::ZERO;
        let mut first = true;
        if let Some((turn, expected)) = self.begin() {
            taken = expected;
            sleep_until(turn.into()).await;
        }
        loop {
            let mut turn = None;
            let done = poll_fn(|context| {
                let began = Instant::now();
                let polled = work.as_mut().poll(context);
                let computed = began.elapsed();
                if std::mem::take(&mut first) {
                    self.began(computed);
                }
                let long = computed >= LONG || !taken.is_zero();
                if long {
                    turn = self.turn(computed, std::mem::take(&mut taken));
                }
                match polled {
                    Poll::Ready(done) => Poll::Ready(Some(done)),
                    Poll::Pending if long => Poll::Ready(None),
                    Poll::Pending => Poll::Pending,
                }
            });
            if let Some(done) = done.await {
                return done;
            }
            match turn {
                // Its waker has been called or will be: it is polled anyway.
                None => tokio::task::yield_now().await,
                Some(turn) => sleep_until(turn.into()).await,
            }
        }
    }

    /// When a call may begin, and how much was taken for it; `None`: at once, as long
    /// as others have had their turn.
    fn begin(&self) -> Option<(Instant, Duration)> {
        let mut paid = self.paid();
        let until = paid.until.filter(|until| *until > Instant::now())?;
        let expected = paid.first;
        paid.until = Some(until + expected / share());
        Some((until, expected))
    }

    /// Takes note of how long a call computed that has just begun.
    fn began(&self, computed: Duration) {
        let mut paid = self.paid();
        // Nothing is kept while all begin with little.
        if computed >= LONG || !paid.first.is_zero() {
            paid.first = computed.max((paid.first * 3 + computed) / 4);
        }
    }

    /// When a call that has computed for so long goes on, for which so much was taken
    /// before; `None`: when those that wait have had their turn.
    fn turn(&self, computed: Duration, taken: Duration) -> Option<Instant> {
        let mut paid = self.paid();
        let now = Instant::now();
        // What this call has just used is over: it counts for the next.
        let began = now.checked_sub(computed).unwrap_or(now);
        let until = paid.until.map_or(began, |until| until.max(began));
        let turn = until + computed.saturating_sub(taken) / share();
        let spared = taken.saturating_sub(computed) / share();
        paid.until = Some(turn.checked_sub(spared).unwrap_or(turn));
        // One that waited for its turn has waited for those before.
        (turn > now && taken.is_zero()).then_some(turn)
    }

    fn paid(&self) -> MutexGuard<'_, Paid> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many workers they may have.
fn share() -> u32 {
    let workers = Handle::current().metrics().num_workers();
    u32::try_from(workers.saturating_sub(1)).unwrap_or(1).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// Nine of ten tasks of others are done soon.
    async fn others_have_a_worker() {
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
    }

    #[tokio::test]
    async fn one_call_alone_is_not_held_up() {
        let pace = Pace::default();
        let began = Instant::now();
        for _ in 0..20 {
            pace.keep(async { std::thread::sleep(4 * MS) }).await;
        }
        assert!(began.elapsed() < 200 * MS, "{:?}", began.elapsed());
    }

    #[tokio::test]
    async fn many_calls_take_turns() {
        let pace = Pace::default();
        let now = Instant::now();
        assert_eq!(pace.turn(5 * MS, Duration::ZERO), None);
        for number in 1..10 {
            let turn = pace.turn(5 * MS, Duration::ZERO);
            let after = turn.expect("others were before").duration_since(now);
            assert!(
                after >= (5 * number - 1) * MS && after <= (5 * number + 50) * MS,
                "{after:?}"
            );
        }
    }

    #[tokio::test]
    async fn who_begins_waits_for_those_that_computed() {
        let pace = Pace::default();
        assert_eq!(pace.begin(), None);
        pace.began(20 * MS);
        pace.turn(20 * MS, Duration::ZERO);
        let turn = pace.turn(50 * MS, Duration::ZERO).expect("a turn");
        assert_eq!(pace.begin(), Some((turn, 20 * MS)));
        assert_eq!(pace.begin(), Some((turn + 20 * MS, 20 * MS)));
        // It took less than was taken for it.
        assert_eq!(pace.turn(MS, 20 * MS), None);
        let (next, expected) = pace.begin().expect("others are before");
        assert_eq!((next, expected), (turn + 21 * MS, 20 * MS));
        for _ in 0..40 {
            pace.began(Duration::ZERO);
        }
        assert!(pace.begin().expect("others are before").1 < MS);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn short_calls_that_compute_leave_a_worker_to_others() {
        let pace = std::sync::Arc::new(Pace::default());
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..64 {
            let pace = std::sync::Arc::clone(&pace);
            calls.spawn(async move {
                loop {
                    let work = async { std::thread::sleep(Duration::from_millis(20)) };
                    pace.keep(work).await;
                }
            });
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        others_have_a_worker().await;
        calls.shutdown().await;
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
        others_have_a_worker().await;
        for call in calls {
            call.abort();
        }
    }
}
