//! What one call of an import costs, timed inside the guest.

mod support;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use boll_host::services::log::{
    FileSettings, FileSink, JsonFormat, LineFormat, LineSource, LogLevel, LogLine, LogSink, Origin,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use support::boll::BollGuest;
use support::raw::{Allocation, LineWriter, RawGuest};

fn imports(criterion: &mut Criterion) {
    let tokio = support::tokio();
    let boll = tokio.block_on(BollGuest::load());
    let raw = RawGuest::new(Allocation::Pool);
    let mut instance = tokio.block_on(raw.instance());
    let mut writing = tokio.block_on(raw.logging_to(buffered(io::sink())).instance());
    let folder = tempfile::tempdir().expect("a folder");
    let to_files = tokio.block_on(BollGuest::logging_to(&folder.path().join("logs")));
    let plain = File::create(folder.path().join("plain")).expect("a file");
    let mut to_file = tokio.block_on(raw.logging_to(buffered(plain)).instance());

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
            group.bench_function("boll-files", |bencher| {
                bencher.iter_custom(|count| tokio.block_on(in_bursts(&to_files, action, count)));
            });
            group.bench_function("buffered-file", |bencher| {
                bencher.iter_custom(|count| tokio.block_on(to_file.timed(action, count)));
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
fn buffered(out: impl Write + Send + 'static) -> LineWriter {
    let origin = origin();
    let out = Mutex::new((String::new(), BufWriter::new(out)));
    Arc::new(move |message| {
        let (text, writer) = &mut *out.lock().expect("not poisoned");
        text.clear();
        JsonFormat.format(&line(&origin, message), text);
        text.push('\n');
        writer.write_all(text.as_bytes()).expect("written");
    })
}

fn origin() -> Arc<Origin> {
    Arc::new(Origin {
        capsule: "bench".parse().expect("an id"),
        principal: Some("alice".into()),
        call_id: Some("call-1".into()),
    })
}

fn line(origin: &Arc<Origin>, message: String) -> LogLine {
    LogLine {
        time: SystemTime::now(),
        level: LogLevel::Info,
        origin: Some(Arc::clone(origin)),
        source: LineSource::Capsule,
        message,
        fields: Vec::new(),
    }
}

/// The writer's side: lines into files, as many at once as it takes.
fn sinks(criterion: &mut Criterion) {
    const LINES: usize = 256;
    let folder = tempfile::tempdir().expect("a folder");
    let origin = origin();
    let lines: Vec<LogLine> = std::iter::repeat_with(|| line(&origin, "x".repeat(64)))
        .take(LINES)
        .collect();
    let mut files = FileSink::open(folder.path().join("logs"), FileSettings::default())
        .expect("a folder")
        .admitting(|_| true);
    let plain = File::create(folder.path().join("plain")).expect("a file");
    let plain = Mutex::new((String::new(), BufWriter::new(plain)));
    let mut group = criterion.benchmark_group("log-sink");
    group.throughput(Throughput::Elements(LINES as u64));
    group.bench_function("files", |bencher| bencher.iter(|| files.write(&lines)));
    group.bench_function("buffered", |bencher| {
        bencher.iter(|| {
            for line in &lines {
                let (text, writer) = &mut *plain.lock().expect("not poisoned");
                text.clear();
                JsonFormat.format(line, text);
                text.push('\n');
                writer.write_all(text.as_bytes()).expect("written");
            }
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = support::criterion();
    targets = imports, sinks
}
criterion_main!(benches);
