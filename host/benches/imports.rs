//! What one call of an import costs, timed inside the guest.

mod support;

use std::io::{BufWriter, Write as _};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use boll_host::services::log::{JsonFormat, LineFormat, LineSource, LogLevel, LogLine, Origin};
use criterion::{Criterion, criterion_group, criterion_main};
use support::boll::BollGuest;
use support::raw::{Allocation, LineWriter, RawGuest};

fn imports(criterion: &mut Criterion) {
    let tokio = support::tokio();
    let boll = tokio.block_on(BollGuest::load());
    let raw = RawGuest::new(Allocation::Pool);
    let mut instance = tokio.block_on(raw.instance());
    let mut writing = tokio.block_on(raw.logging_to(buffered()).instance());

    for action in [
        "wall-clock",
        "monotonic-clock",
        "config",
        "log-debug",
        "log-info",
    ] {
        let mut group = criterion.benchmark_group(format!("import-{action}"));
        group.bench_function("boll", |bencher| {
            bencher.iter_custom(|count| tokio.block_on(in_bursts(&boll, action, count)));
        });
        group.bench_function("raw", |bencher| {
            bencher.iter_custom(|count| tokio.block_on(instance.timed(action, count)));
        });
        if action == "log-info" {
            group.bench_function("buffered", |bencher| {
                bencher.iter_custom(|count| tokio.block_on(writing.timed(action, count)));
            });
        }
        group.finish();
    }
}

/// So few lines at once that none is dropped, which would be cheap; the waiting
/// in between is not counted.
async fn in_bursts(boll: &BollGuest, action: &str, count: u64) -> Duration {
    const BURST: u64 = 4096;
    if action != "log-info" {
        return boll.timed(action, count).await;
    }
    let (mut time, mut left) = (Duration::ZERO, count);
    while left > 0 {
        let burst = left.min(BURST);
        let written = boll.written.count();
        time += boll.timed(action, burst).await;
        boll.written.wait_for(written + burst);
        left -= burst;
    }
    time
}

/// Formats and writes each line at once, under a lock.
fn buffered() -> LineWriter {
    let origin = Arc::new(Origin {
        capsule: "bench".parse().expect("an id"),
        principal: Some("alice".to_owned()),
        call_id: Some("call-1".to_owned()),
    });
    let out = Mutex::new((String::new(), BufWriter::new(std::io::sink())));
    Arc::new(move |message| {
        let line = LogLine {
            time: SystemTime::now(),
            level: LogLevel::Info,
            origin: Some(Arc::clone(&origin)),
            source: LineSource::Capsule,
            message,
            fields: Vec::new(),
        };
        let (text, writer) = &mut *out.lock().expect("not poisoned");
        text.clear();
        JsonFormat.format(&line, text);
        text.push('\n');
        writer.write_all(text.as_bytes()).expect("written");
    })
}

criterion_group! {
    name = benches;
    config = support::criterion();
    targets = imports
}
criterion_main!(benches);
