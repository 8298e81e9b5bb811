//! How fast a guest reads what a child writes: against a native reader of the
//! same program through a pipe of the same size.

mod support;

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use boll_host::sandbox::{Sandbox, SandboxSettings};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use support::boll::BollGuest;

/// How much is read, in MiB.
const AMOUNT: u64 = 64;
/// The size of Boll's own pipes, in bytes.
const PIPE: usize = 1 << 20;

fn streams(criterion: &mut Criterion) {
    let workspace = tempfile::tempdir().expect("a folder");
    let sandbox = Sandbox::open(SandboxSettings::new(workspace.path())).expect("a sandbox");
    assert!(sandbox.probe().works(), "{}", sandbox.probe());

    let mut group = criterion.benchmark_group("stream");
    group.throughput(Throughput::Bytes(AMOUNT << 20));
    group.sample_size(20);
    group.bench_function("native", |bencher| {
        bencher.iter_custom(|count| (0..count).map(|_| native()).sum());
    });
    let tokio = support::tokio();
    let boll = tokio.block_on(BollGuest::of_streams(sandbox));
    group.bench_function("boll", |bencher| {
        bencher.iter_custom(|count| {
            (0..count)
                .map(|_| tokio.block_on(boll.timed("stream", AMOUNT)))
                .sum()
        });
    });
    group.finish();
}

/// From the first byte to the last, as the guest counts.
fn native() -> Duration {
    let mut child = Command::new("head")
        .args(["-c", &(AMOUNT << 20).to_string(), "/dev/zero"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdout = child.stdout.take().expect("a pipe");
    rustix::pipe::fcntl_setpipe_size(&stdout, PIPE).expect("a larger pipe");
    let mut buffer = vec![0; 64 << 10];
    let mut read = stdout.read(&mut buffer[..1]).expect("a byte") as u64;
    let start = Instant::now();
    loop {
        match stdout.read(&mut buffer).expect("bytes") {
            0 => break,
            more => read += more as u64,
        }
    }
    let time = start.elapsed();
    assert_eq!(read, AMOUNT << 20);
    assert!(child.wait().expect("an end").success());
    time
}

criterion_group! {
    name = benches;
    config = support::criterion();
    targets = streams
}
criterion_main!(benches);
