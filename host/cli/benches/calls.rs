//! What a call into a guest costs: into a warm instance, which only raw
//! wasmtime has here, and into a fresh one.

mod support;

use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use support::boll::BollGuest;
use support::raw::{Allocation, RawGuest};

const PAYLOAD: usize = 256;

fn warm(criterion: &mut Criterion) {
    let tokio = support::tokio();
    let raw = RawGuest::new(Allocation::Pool);
    let mut instance = tokio.block_on(raw.instance());
    let mut group = criterion.benchmark_group("call-warm");
    for (name, action, size) in [("no-op", "nothing", 0), ("echo", "echo", PAYLOAD)] {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|count| {
                tokio.block_on(async {
                    let start = Instant::now();
                    for _ in 0..count {
                        instance.call(action, vec![7; size]).await;
                    }
                    start.elapsed()
                })
            });
        });
    }
    group.finish();
}

fn fresh(criterion: &mut Criterion) {
    let tokio = support::tokio();
    let boll = tokio.block_on(BollGuest::load());
    let pool = RawGuest::new(Allocation::Pool);
    let on_demand = RawGuest::new(Allocation::OnDemand);
    let mut group = criterion.benchmark_group("call-fresh");
    group.bench_function("boll", |bencher| {
        bencher.to_async(&tokio).iter(|| boll.call_fresh());
    });
    group.bench_function("raw", |bencher| {
        bencher.to_async(&tokio).iter(|| pool.call_fresh());
    });
    group.bench_function("on-demand", |bencher| {
        bencher.to_async(&tokio).iter(|| on_demand.call_fresh());
    });
    group.finish();
}

/// The same number of calls by one task, and by two at the same time.
fn threads(criterion: &mut Criterion) {
    let tokio = support::tokio();
    let boll = tokio.block_on(BollGuest::load());
    let pool = RawGuest::new(Allocation::Pool);
    let mut group = criterion.benchmark_group("call-threads");
    for tasks in [1, 2] {
        group.bench_function(format!("boll-{tasks}"), |bencher| {
            bencher.iter_custom(|count| tokio.block_on(in_tasks(&boll, tasks, count)));
        });
        group.bench_function(format!("raw-{tasks}"), |bencher| {
            bencher.iter_custom(|count| tokio.block_on(in_tasks(&pool, tasks, count)));
        });
    }
    group.finish();
}

/// A guest that is called in an instance of its own.
trait Fresh: Clone + Send + Sync + 'static {
    fn call_fresh(&self) -> impl Future<Output = Vec<u8>> + Send;
}

impl Fresh for BollGuest {
    async fn call_fresh(&self) -> Vec<u8> {
        self.call("echo", vec![7; PAYLOAD]).await
    }
}

impl Fresh for RawGuest {
    async fn call_fresh(&self) -> Vec<u8> {
        let mut instance = self.instance().await;
        instance.call("echo", vec![7; PAYLOAD]).await
    }
}

async fn in_tasks(guest: &impl Fresh, tasks: u64, count: u64) -> Duration {
    let start = Instant::now();
    let tasks: Vec<_> = (0..tasks)
        .map(|task| {
            let guest = guest.clone();
            let share = count / tasks + u64::from(task < count % tasks);
            tokio::spawn(async move {
                for _ in 0..share {
                    guest.call_fresh().await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no panic");
    }
    start.elapsed()
}

criterion_group! {
    name = benches;
    config = support::criterion();
    targets = warm, fresh, threads
}
criterion_main!(benches);
