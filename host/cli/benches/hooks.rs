//! What publishing to subscribers costs, beside calls to as many guests in plain
//! wasmtime, one after the other.

mod support;

use criterion::{Criterion, criterion_group, criterion_main};
use support::guest::repetitions;
use support::hooks::Subscribers;
use support::raw::RawGuest;

/// What a subscriber does.
struct Work {
    name: &'static str,
    action: &'static str,
    payload: fn() -> Vec<u8>,
    /// How many of them there are.
    counts: &'static [usize],
}

const WORK: [Work; 3] = [
    Work {
        name: "small",
        action: "echo",
        payload: || vec![7; 256],
        counts: &[1, 10, 100],
    },
    Work {
        name: "work",
        action: "work",
        // Some 80 us.
        payload: || repetitions(60_000),
        counts: &[10, 100],
    },
    Work {
        name: "wait",
        action: "wait",
        payload: || repetitions(2_000),
        counts: &[1, 10],
    },
];

fn fresh(criterion: &mut Criterion) {
    let tokio = support::tokio();
    for work in WORK {
        let Work {
            name,
            action,
            payload,
            ..
        } = work;
        for &count in work.counts {
            let boll = tokio.block_on(Subscribers::load(count, action, "fresh"));
            let guests = RawGuest::several(count);
            let mut group = criterion.benchmark_group(format!("hook-{name}-{count}"));
            group.bench_function("boll", |bencher| {
                bencher.to_async(&tokio).iter(|| boll.trigger(payload()));
            });
            group.bench_function("raw", |bencher| {
                bencher.to_async(&tokio).iter(|| async {
                    for guest in &guests {
                        let mut instance = guest.instance().await;
                        instance.call(action, payload()).await;
                    }
                });
            });
            group.finish();
        }
    }
}

/// The same into instances that are there already.
fn resident(criterion: &mut Criterion) {
    let tokio = support::tokio();
    for count in [1, 10, 100] {
        let boll = tokio.block_on(Subscribers::load(count, "echo", "resident"));
        let mut instances: Vec<_> = RawGuest::several(count)
            .iter()
            .map(|guest| tokio.block_on(guest.instance()))
            .collect();
        let mut group = criterion.benchmark_group(format!("hook-resident-{count}"));
        group.bench_function("boll", |bencher| {
            bencher.to_async(&tokio).iter(|| boll.trigger(vec![7; 256]));
        });
        group.bench_function("raw", |bencher| {
            bencher.iter(|| {
                tokio.block_on(async {
                    for instance in &mut instances {
                        instance.call("echo", vec![7; 256]).await;
                    }
                });
            });
        });
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = support::criterion();
    targets = fresh, resident
}
criterion_main!(benches);
