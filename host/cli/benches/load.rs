//! What loading a compiled component costs, with Boll's checks and without; and
//! what it costs when another capsule is made of it already.

#![allow(unsafe_code)]

mod support;

use boll_host::engine::ComponentCache;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use support::boll::{BollGuest, request};
use support::guest;
use support::raw::{Allocation, engine};
use wasmtime::component::Component;

fn load(criterion: &mut Criterion) {
    let tokio = support::tokio();
    let folder = tempfile::tempdir().expect("a folder");
    let cache = ComponentCache::open(folder.path().join("cache")).expect("a cache");
    let boll = tokio.block_on(BollGuest::cached(cache));

    let engine = engine(Allocation::Pool);
    let component = Component::from_binary(&engine, guest::component()).expect("a component");
    let compiled = folder.path().join("guest.cwasm");
    let code = component.serialize().expect("its code");
    std::fs::write(&compiled, code).expect("written");

    let mut group = criterion.benchmark_group("load");
    group.bench_function("boll", |bencher| {
        bencher.to_async(&tokio).iter_batched(
            || {
                boll.unload();
                request()
            },
            |request| async { boll.runtime.load(request).await.expect("it loads") },
            BatchSize::PerIteration,
        );
    });
    group.bench_function("boll-again", |bencher| {
        bencher.to_async(&tokio).iter_batched(
            request,
            |request| async { boll.runtime.load(request).await.expect("it loads") },
            BatchSize::PerIteration,
        );
    });
    group.bench_function("deserialize-file", |bencher| {
        bencher.iter(|| {
            // SAFETY: the file was made by `serialize` above, of the same engine.
            unsafe { Component::deserialize_file(&engine, &compiled) }.expect("it loads")
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = support::criterion();
    targets = load
}
criterion_main!(benches);
