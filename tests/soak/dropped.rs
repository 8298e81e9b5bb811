//! A runtime that is dropped and not shut down ends all that it started.

use std::path::Path;
use std::time::{Duration, Instant};

use boll_host::capsule::{CapsuleId, CapsuleState, Manifest};
use boll_host::engine::ComponentCache;
use boll_host::policy::GrantSet;
use boll_host::sandbox::{Sandbox, SandboxSettings};
use boll_host::{CallOptions, Load, Outcome, Runtime, RuntimeLimits};
use serde_json::json;

use crate::counted::Counted;
use crate::support::environment::cache;
use crate::support::guests::{guests_bytes, prepared, service_bytes};
use crate::support::processes_with;
use crate::work::MARK;

/// A capsule with one instance, which keeps a child.
const RESIDENT: &str = "[capsule]\nid = \"resident\"\nversion = \"1.0.0\"\n\
    [instance]\nmode = \"resident\"\n[[process]]\nprogram = \"sh\"\n";

/// A capsule whose run loop computes without end.
const BUSY: &str = "[capsule]\nid = \"busy\"\nversion = \"1.0.0\"\n\
    [config.run]\ntype = \"string\"\ndefault = \"ready-and-spin\"\n";

/// What 200 runtimes may leave, for the allocator keeps some: less than a tenth of what as
/// many would have that were not let go of.
const MAPS: usize = 64;
const GROWTH_KIB: u64 = 32 << 10;

/// How long dropping may take: it waits for nothing.
const AT_ONCE: Duration = Duration::from_millis(500);

#[test]
fn a_dropped_runtime_leaves_nothing() {
    let _alone = crate::alone();
    prepared();
    let tokio = crate::tokio();
    tokio.block_on(async {
        let workspace = tempfile::tempdir().expect("a folder");
        let records = tempfile::tempdir().expect("a folder");
        let working = || working(workspace.path(), records.path());
        // Once to reach what stays, and until tokio's idle threads are gone.
        drop(working().await);
        tokio::time::sleep(Duration::from_secs(12)).await;
        let before = Counted::now(&tokio);
        for round in 0..20 {
            let runtime = working().await;
            let start = Instant::now();
            drop(runtime);
            let taken = start.elapsed();
            assert!(taken < AT_ONCE, "round {round}: {taken:?}");
            let after = crate::settled(&tokio, &before).await;
            let context = format!("round {round}\nbefore {before:?}\nafter  {after:?}");
            assert!(after.fits(&before), "something is left: {context}");
        }
    });
}

/// Runtimes that are made, used and dropped, again and again.
#[test]
fn two_hundred_dropped_runtimes_leave_files_threads_maps_and_memory_as_before() {
    let _alone = crate::alone();
    prepared();
    let tokio = crate::tokio();
    tokio.block_on(async {
        let records = tempfile::tempdir().expect("a folder");
        for _ in 0..5 {
            drop(computing(records.path()).await);
        }
        tokio::time::sleep(Duration::from_secs(12)).await;
        let before = Counted::now(&tokio);
        for _ in 0..200 {
            drop(computing(records.path()).await);
        }
        let after = crate::settled(&tokio, &before).await;
        let context = format!("before {before:?}\nafter  {after:?}");
        crate::show(&context);
        assert!(after.fits(&before), "something is left: {context}");
        assert!(after.maps <= before.maps + MAPS, "{context}");
        let growth = after.memory_kib.saturating_sub(before.memory_kib);
        assert!(growth <= GROWTH_KIB, "{growth} KiB more: {context}");
    });
}

/// A runtime with a resident instance that was called and a busy run loop.
async fn computing(records: &Path) -> Runtime {
    let cache = ComponentCache::open(cache().join("boll/components")).expect("a cache");
    let limits = RuntimeLimits {
        instances: 4,
        ..RuntimeLimits::default()
    };
    let builder = Runtime::builder().limits(limits).cache(cache);
    let runtime = builder.records(records).build().expect("a runtime");
    let resident = load(&runtime, RESIDENT, guests_bytes(), GrantSet::default()).await;
    let busy = load(&runtime, BUSY, service_bytes(), GrantSet::default()).await;
    let mut state = runtime.watch(&busy).expect("loaded");
    state.wait_for(|state| state == CapsuleState::Ready).await;
    let call = runtime.invoke(&resident, "count", Vec::new(), CallOptions::default());
    call.await.expect("an answer");
    runtime
}

/// A runtime with a resident instance, a detached child and a busy run loop.
async fn working(workspace: &Path, records: &Path) -> Runtime {
    let sandbox = Sandbox::open(SandboxSettings::new(workspace)).expect("a workspace");
    assert!(sandbox.probe().works(), "{}", sandbox.probe());
    let runtime = Runtime::builder()
        .limits(RuntimeLimits {
            instances: 4,
            ..RuntimeLimits::default()
        })
        .cache(ComponentCache::open(cache().join("boll/components")).expect("a cache"))
        .sandbox(sandbox)
        .records(records)
        .build()
        .expect("a runtime");
    let grants: GrantSet = ["process:sh".parse().expect("a grant")]
        .into_iter()
        .collect();
    let resident = load(&runtime, RESIDENT, guests_bytes(), grants).await;
    let busy = load(&runtime, BUSY, service_bytes(), GrantSet::default()).await;
    let mut state = runtime.watch(&busy).expect("loaded");
    state.wait_for(|state| state == CapsuleState::Ready).await;
    let steps = json!([
        {"do": "spawn", "command": {"program": "sh", "args": ["-c", format!("sleep {MARK}; :")]}},
        {"do": "detach"},
    ]);
    let payload = steps.to_string().into_bytes();
    let answer = runtime
        .invoke(&resident, "children", payload, CallOptions::default())
        .await;
    let Ok(Outcome::Continue(Some(answer))) = answer else {
        panic!("no answer but {answer:?}");
    };
    assert!(
        !String::from_utf8_lossy(&answer).contains("error"),
        "{answer:?}"
    );
    // It is under way when the answer comes.
    for _ in 0..500 {
        if processes_with(MARK) > 0 {
            return runtime;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no child was started");
}

async fn load(
    runtime: &Runtime,
    manifest: &str,
    component: Vec<u8>,
    grants: GrantSet,
) -> CapsuleId {
    let manifest = Manifest::parse("Capsule.toml", manifest).expect("a manifest");
    let load = Load::new(manifest, component).grants(grants);
    runtime.load(load).await.expect("loaded")
}
