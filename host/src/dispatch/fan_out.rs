//! Doing many things at once: all are begun by this task, one after the other, and
//! the other workers help where that takes a while.
//!
//! A task for each would cost more than most of them take, and one task alone
//! would use one processor.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::locked::lock;

/// What is to be done.
pub(super) type Job<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Jobs that take less than this, on the average, are done alone: workers that make
/// and drop instances at the same time slow each other down by more than they help.
const WORTH_HELP: Duration = Duration::from_micros(50);

/// A beginning that takes longer is no small work.
const LONG: Duration = Duration::from_millis(1);

/// The jobs that nobody has begun.
struct Queue<T>(Mutex<std::vec::IntoIter<Job<T>>>);

impl<T> Queue<T> {
    fn next(&self) -> Option<Job<T>> {
        lock(&self.0).next()
    }

    fn is_empty(&self) -> bool {
        lock(&self.0).len() == 0
    }
}

/// Runs all jobs, and returns their results in any order. Those under way end when
/// this is dropped. `None` when the scheduler ends first.
pub(super) async fn all<T: Send + 'static>(jobs: Vec<Job<T>>) -> Option<Vec<T>> {
    let mut lane = Lane::new();
    let queue = Arc::new(Queue(Mutex::new(jobs.into_iter())));
    let mut helpers = JoinSet::new();
    let began = Instant::now();
    let mut begun = 0;
    while let Some(job) = queue.next() {
        lane.begin(job).await;
        begun += 1;
        let worth_help = begun > 1 && began.elapsed() > WORTH_HELP * begun;
        if worth_help && helpers.is_empty() && !queue.is_empty() {
            for _ in 1..Handle::current().metrics().num_workers() {
                helpers.spawn(help(Arc::clone(&queue)));
            }
        }
    }
    let mut done = lane.finish().await;
    while let Some(helped) = helpers.join_next().await {
        done.extend(helped.ok()?);
    }
    Some(done)
}

async fn help<T>(queue: Arc<Queue<T>>) -> Vec<T> {
    let mut lane = Lane::new();
    while let Some(job) = queue.next() {
        lane.begin(job).await;
    }
    lane.finish().await
}

/// The jobs that one task has begun.
struct Lane<T> {
    done: Vec<T>,
    waiting: FuturesUnordered<Job<T>>,
}

impl<T> Lane<T> {
    fn new() -> Self {
        Self {
            done: Vec::new(),
            waiting: FuturesUnordered::new(),
        }
    }

    /// Begins a job. One that is not done at once waits with the others.
    async fn begin(&mut self, mut job: Job<T>) {
        let began = Instant::now();
        match poll_fn(|context| Poll::Ready(job.as_mut().poll(context))).await {
            Poll::Ready(one) => self.done.push(one),
            Poll::Pending => self.waiting.push(job),
        }
        if began.elapsed() > LONG {
            // What else this worker has to do comes before the next.
            tokio::task::yield_now().await;
        }
    }

    async fn finish(mut self) -> Vec<T> {
        while let Some(one) = self.waiting.next().await {
            self.done.push(one);
        }
        self.done
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use tokio::sync::Barrier;

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn all_are_under_way_at_the_same_time() {
        let barrier = Arc::new(Barrier::new(100));
        let jobs = (0..100_usize).map(|number| {
            let barrier = Arc::clone(&barrier);
            Box::pin(async move {
                barrier.wait().await;
                number
            }) as Job<usize>
        });
        let mut done = all(jobs.collect()).await.expect("done");
        done.sort_unstable();
        assert_eq!(done, (0..100).collect::<Vec<_>>());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn other_workers_help_with_what_takes_a_while() {
        let last_has_begun = Arc::new(AtomicBool::new(false));
        let jobs = (0..4).map(|number| {
            let last_has_begun = Arc::clone(&last_has_begun);
            Box::pin(async move {
                match number {
                    0 | 1 => std::thread::sleep(Duration::from_millis(1)),
                    // It computes until another worker has begun the last.
                    2 => {
                        let until = Instant::now() + Duration::from_secs(20);
                        while !last_has_begun.load(Ordering::SeqCst) {
                            assert!(Instant::now() < until, "nobody helps");
                        }
                    }
                    _ => last_has_begun.store(true, Ordering::SeqCst),
                }
            }) as Job<()>
        });
        assert_eq!(all(jobs.collect()).await.expect("done").len(), 4);
    }

    #[tokio::test]
    async fn one_worker_alone_does_all() {
        let jobs = (0..10_usize).map(|number| Box::pin(async move { number }) as Job<usize>);
        assert_eq!(all(jobs.collect()).await.expect("done").len(), 10);
    }
}
