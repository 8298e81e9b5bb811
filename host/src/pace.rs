//! Keeps long work of one kind from taking every worker of the scheduler.
//!
//! A guest that computes yields at every tick, and is then queued behind all others that
//! do; one instruction may take longer than a tick, and a call that ends never yields.
//! With many calls of one capsule, everybody else waits for each of them. So their
//! computing time is counted for the capsule, and together they get all workers but one,
//! or the one that there is: calls that have computed for long wait, and so do calls that
//! begin meanwhile. Calls that answer at once are not counted. The same applies to what
//! the host does with the output of processes.
//!
//! A turn is a time, not a lock: another capsule, one that is out of turn, may keep its
//! owner from using it.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Mutex;
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::time::sleep_until;

use crate::locked::lock;

/// Shorter work does not count as long: less than the time between two ticks.
const LONG: Duration = Duration::from_micros(500);

/// The turns of one capsule's computations, or of another kind of work.
#[derive(Debug, Default)]
pub(crate) struct Pace(Mutex<Paid>);

#[derive(Debug, Default)]
struct Paid {
    /// The time until which they have used their share.
    until: Option<Instant>,
    /// The expected computing time of a call that has just begun, from the last ones.
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
                // Its waker has been called or will be: it is polled again anyway.
                None => tokio::task::yield_now().await,
                Some(turn) => sleep_until(turn.into()).await,
            }
        }
    }

    /// Returns when a call may begin, and how much time was reserved for it; `None`: now,
    /// once others have had their turn.
    fn begin(&self) -> Option<(Instant, Duration)> {
        let mut paid = lock(&self.0);
        let until = paid.until.filter(|until| *until > Instant::now())?;
        let expected = paid.first;
        paid.until = Some(until + expected / share());
        Some((until, expected))
    }

    /// Records how long a call computed that had just begun.
    fn began(&self, computed: Duration) {
        let mut paid = lock(&self.0);
        // Nothing is recorded while all calls begin with little.
        if computed >= LONG || !paid.first.is_zero() {
            paid.first = computed.max((paid.first * 3 + computed) / 4);
        }
    }

    /// Returns when a call goes on that has computed for `computed`, of which `taken` was
    /// reserved before; `None`: once those that wait have had their turn.
    fn turn(&self, computed: Duration, taken: Duration) -> Option<Instant> {
        let mut paid = lock(&self.0);
        let now = Instant::now();
        // The time that this call has just used is over: it counts for the next.
        let began = now.checked_sub(computed).unwrap_or(now);
        let until = paid.until.map_or(began, |until| until.max(began));
        let turn = until + computed.saturating_sub(taken) / share();
        let spared = taken.saturating_sub(computed) / share();
        paid.until = Some(turn.checked_sub(spared).unwrap_or(turn));
        // A call that waited for its turn has waited for those before it.
        (turn > now && taken.is_zero()).then_some(turn)
    }
}

/// Returns how many workers they may have.
fn share() -> u32 {
    let workers = Handle::current().metrics().num_workers();
    u32::try_from(workers.saturating_sub(1)).unwrap_or(1).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// Checks that nine of ten tasks of others finish soon.
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
        // It took less time than was reserved for it.
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
