//! Everything at once, at random, for a while: calls, hooks that publish hooks,
//! cancels, traps, reloads, revocations, children. At the end nothing is left of
//! it, each call was answered once, and the log is complete.
//!
//! `BOLL_SOAK_SECONDS` says for how long (20), `BOLL_SOAK_SEED` with which random
//! numbers; a failure names its seed. It is a program of its own: what it counts
//! is the whole process.

#[path = "../support/mod.rs"]
mod support;

mod counted;
mod dropped;
mod graph;
mod storm;
mod work;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use counted::Counted;
use tokio::runtime::Runtime as Tokio;
use work::Soak;

const CAPSULES: usize = 200;
/// Tasks that each do one thing after the other.
const WORKERS: u64 = 8;

/// What may grow: pages that the allocator keeps, the pool's resident memory of
/// instances, the log of this test.
const MOST_GROWTH_KIB: u64 = 192 << 10;

fn variable(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is no number: {text}")),
    )
}

#[test]
fn nothing_is_left_of_everything_at_once() {
    let seed = variable("BOLL_SOAK_SEED").unwrap_or(0xB011);
    let time = Duration::from_secs(variable("BOLL_SOAK_SECONDS").unwrap_or(20));
    let _alone = alone();
    let tokio = tokio();
    tokio.block_on(async {
        let soak = Soak::new(CAPSULES).await;
        // Once to reach what stays: threads, pages, files of the cache.
        soak.run(seed ^ 1, WORKERS, Duration::from_secs(3)).await;
        let before = Counted::now(&tokio);

        let tally = soak.run(seed, WORKERS, time).await;
        let after = settled(&tokio, &before).await;

        let context = format!("seed {seed}: {tally:?}\nbefore {before:?}\nafter  {after:?}");
        show(&context);
        assert_eq!(tally.started, tally.answered, "{context}");
        for (kind, count) in &tally.kinds {
            assert!(*count > 0, "no {kind} came: {context}");
        }
        assert!(after.fits(&before), "something is left: {context}");
        let growth = after.memory_kib.saturating_sub(before.memory_kib);
        assert!(growth < MOST_GROWTH_KIB, "{growth} KiB more: {context}");
        soak.end(&tally, &context).await;
    });
}

/// Keeps the other tests of this program away: what is counted is the whole process.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn tokio() -> Tokio {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .expect("a tokio runtime")
}

/// What there is once the threads that tokio keeps for a while are gone, and the
/// processes that were ended are reaped.
async fn settled(tokio: &Tokio, before: &Counted) -> Counted {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let now = Counted::now(tokio);
        if now.fits(before) || Instant::now() > until {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// What a run with `--nocapture` shows.
#[allow(clippy::print_stderr, reason = "the only way to see what it did")]
fn show(text: &str) {
    eprintln!("{text}");
}
