//! Keeps long work of one kind from taking every worker of the scheduler.
//!
//! A guest that computes yields at every tick, but what it does in one instruction
//! may take longer than that, and a call that ends never yields. With many of one
//! capsule, everybody else would wait for each of them. So a capsule of which
//! something computed for long, a while ago at most, has all workers but one, or the
//! one that there is. Others are not held up, and neither is one whose calls answer
//! at once. The same holds for what the host does with the output of processes.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Poll, ready};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio_util::sync::PollSemaphore;

/// What is shorter is no long computation: less than the time between two ticks.
const LONG: Duration = Duration::from_micros(500);

/// For how long after a long computation others of its kind take turns with it.
const WHILE: Duration = Duration::from_millis(100);

/// The turns of one capsule's computations, or of another kind of work.
#[derive(Debug)]
pub(crate) struct Pace {
    made: Instant,
    /// Until when they take turns, in nanoseconds after it was made.
    until: AtomicU64,
    /// A place for each worker that they may have.
    places: OnceLock<Arc<Semaphore>>,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            made: Instant::now(),
            until: AtomicU64::new(0),
            places: OnceLock::new(),
        }
    }
}

impl Pace {
    /// Does some work, and lets others have their turn.
    pub(crate) async fn keep<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        let mut places = None;
        if self.take_turns(Instant::now()) {
            // So that who calls again and again lets others have theirs.
            tokio::task::yield_now().await;
        }
        loop {
            let done = poll_fn(|context| {
                let mut began = Instant::now();
                let mut place = None;
                if self.take_turns(began) {
                    let places =
                        places.get_or_insert_with(|| PollSemaphore::new(Arc::clone(self.places())));
                    place = ready!(places.poll_acquire(context));
                    began = Instant::now();
                }
                let polled = work.as_mut().poll(context);
                drop(place);
                let ended = Instant::now();
                let long = ended - began >= LONG;
                if long {
                    self.computed(ended);
                }
                match polled {
                    Poll::Ready(done) => Poll::Ready(Some(done)),
                    // Whoever else waits comes before what computes on.
                    Poll::Pending if long => Poll::Ready(None),
                    Poll::Pending => Poll::Pending,
                }
            });
            if let Some(done) = done.await {
                return done;
            }
            // Its waker has been called or will be: it is polled anyway.
            tokio::task::yield_now().await;
        }
    }

    fn take_turns(&self, now: Instant) -> bool {
        let until = self.until.load(Ordering::Relaxed);
        until > 0 && self.made + Duration::from_nanos(until) > now
    }

    fn computed(&self, now: Instant) {
        let until = (now + WHILE).saturating_duration_since(self.made);
        let until = u64::try_from(until.as_nanos()).unwrap_or(u64::MAX);
        self.until.fetch_max(until, Ordering::Relaxed);
    }

    fn places(&self) -> &Arc<Semaphore> {
        self.places.get_or_init(|| {
            let workers = Handle::current().metrics().num_workers();
            Arc::new(Semaphore::new(workers.saturating_sub(1).max(1)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[tokio::test]
    async fn one_call_alone_is_not_held_up() {
        let pace = Pace::default();
        let began = Instant::now();
        for _ in 0..20 {
            pace.keep(async { std::thread::sleep(4 * MS) }).await;
        }
        assert!(began.elapsed() < 200 * MS, "{:?}", began.elapsed());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 3)]
    async fn they_take_turns_only_after_one_has_computed() {
        let pace = Arc::new(Pace::default());
        let most = |pace: Arc<Pace>, work: Duration| async move {
            let (now, most) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
            let mut calls = tokio::task::JoinSet::new();
            for _ in 0..12 {
                let (pace, now, most) = (Arc::clone(&pace), Arc::clone(&now), Arc::clone(&most));
                calls.spawn(async move {
                    let work = async {
                        let at_a_time = now.fetch_add(1, Ordering::SeqCst) + 1;
                        most.fetch_max(at_a_time, Ordering::SeqCst);
                        std::thread::sleep(work);
                        now.fetch_sub(1, Ordering::SeqCst);
                    };
                    pace.keep(work).await;
                });
            }
            calls.join_all().await;
            most.load(Ordering::SeqCst)
        };
        pace.keep(async { std::thread::sleep(2 * MS) }).await;
        assert_eq!(most(Arc::clone(&pace), 20 * MS).await, 2);
        tokio::time::sleep(WHILE + MS).await;
        assert!(!pace.take_turns(Instant::now()));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn short_calls_that_compute_leave_a_worker_to_others() {
        let pace = Arc::new(Pace::default());
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..64 {
            let pace = Arc::clone(&pace);
            calls.spawn(async move {
                loop {
                    let work = async { std::thread::sleep(Duration::from_millis(20)) };
                    pace.keep(work).await;
                }
            });
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
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
        calls.shutdown().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_capsule_that_computes_in_many_calls_leaves_a_worker_to_others() {
        let pace = Arc::new(Pace::default());
        let calls: Vec<_> = (0..64)
            .map(|_| {
                let pace = Arc::clone(&pace);
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
