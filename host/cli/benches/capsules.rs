//! What many capsules of one component cost: to load a thousand, beside reading
//! their compiled code alone as often; and the memory that an idle one holds,
//! which is printed.

#![allow(unsafe_code)]
#![allow(clippy::print_stderr, reason = "one figure is no time")]

mod support;

use std::time::{Duration, Instant};

use boll_host::capsule::Manifest;
use boll_host::engine::ComponentCache;
use boll_host::{Load, Runtime};
use criterion::{Criterion, criterion_group, criterion_main};
use support::guest;
use support::raw::{Allocation, engine};
use wasmtime::component::Component;

const CAPSULES: u32 = 1000;

fn load(number: u32) -> Load {
    let text = format!("[capsule]\nid = \"c{number}\"\nversion = \"1.0.0\"");
    let manifest = Manifest::parse("Capsule.toml", &text).expect("a sound manifest");
    Load::new(manifest, guest::component().to_vec())
}

async fn load_all(runtime: &Runtime) {
    for number in 0..CAPSULES {
        runtime.load(load(number)).await.expect("it loads");
    }
}

fn thousand(criterion: &mut Criterion) {
    let tokio = support::tokio();
    let folder = tempfile::tempdir().expect("a folder");
    let cached = || {
        let cache = ComponentCache::open(folder.path().join("cache")).expect("a cache");
        Runtime::builder().cache(cache).build().expect("a runtime")
    };
    let first = cached();
    tokio.block_on(first.load(load(0))).expect("it loads");

    // First, while nothing that was freed lies about.
    let runtime = cached();
    let before = resident_kib();
    tokio.block_on(load_all(&runtime));
    let each = (resident_kib() - before) / f64::from(CAPSULES);
    eprintln!("an idle capsule holds {each:.1} KiB of resident memory");
    tokio.block_on(runtime.shut_down());

    let engine = engine(Allocation::Pool);
    let component = Component::from_binary(&engine, guest::component()).expect("a component");
    let compiled = folder.path().join("guest.cwasm");
    std::fs::write(&compiled, component.serialize().expect("its code")).expect("written");
    let mut read: Vec<Component> = Vec::new();

    let mut group = criterion.benchmark_group("load-1000");
    group.sample_size(10);
    group.bench_function("boll", |bencher| {
        bencher.iter_custom(|count| {
            let mut time = Duration::ZERO;
            for _ in 0..count {
                let runtime = cached();
                let start = Instant::now();
                tokio.block_on(load_all(&runtime));
                time += start.elapsed();
                tokio.block_on(runtime.shut_down());
            }
            time
        });
    });
    group.bench_function("deserialize-file", |bencher| {
        bencher.iter_custom(|count| {
            let mut time = Duration::ZERO;
            for _ in 0..count {
                read.clear();
                let start = Instant::now();
                read.extend((0..CAPSULES).map(|_| {
                    // SAFETY: the file was made by `serialize` above, of the same
                    // engine.
                    unsafe { Component::deserialize_file(&engine, &compiled) }.expect("it loads")
                }));
                time += start.elapsed();
            }
            time
        });
    });
    group.finish();
}

/// The memory of this process that is not of files, in KiB.
fn resident_kib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("this process");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .and_then(|number| number.parse().ok())
        .expect("its memory")
}

criterion_group! {
    name = benches;
    config = support::criterion();
    targets = thousand
}
criterion_main!(benches);
