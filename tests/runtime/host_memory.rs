//! What guests make the host hold outside of their linear memory counts.

use std::fs;

use boll_host::capsule::CapsuleId;
use boll_host::{CallError, CallOptions, InvokeError, LimitKind, Outcome};

use crate::bench::{Bench, Setup};
use crate::support::guests::http;

/// The limit that ended a call.
fn limit(outcome: Result<Outcome, CallError>) -> (LimitKind, u64) {
    match outcome {
        Err(CallError::Invoke {
            error: InvokeError::Limit { kind, limit },
            ..
        }) => (kind, limit),
        other => panic!("no limit but {other:?}"),
    }
}

/// The memory of this process, in bytes.
fn resident() -> u64 {
    let text = fs::read_to_string("/proc/self/statm").expect("a number");
    let pages: u64 = text
        .split(' ')
        .nth(1)
        .expect("a number")
        .parse()
        .expect("a number");
    pages * rustix::param::page_size() as u64
}

async fn load(bench: &Bench, setup: Setup) -> CapsuleId {
    let component = fs::read(http()).expect("a component");
    // Asked for, and not granted.
    let setup = setup.manifest("[[network]]\nhost = \"example.com\"\nport = 443");
    let load = setup.load_of("http", component);
    bench.runtime.load(load).await.expect("loaded")
}

async fn call(
    bench: &Bench,
    id: &CapsuleId,
    action: &str,
    number: u32,
) -> Result<Outcome, CallError> {
    let payload = number.to_string().into_bytes();
    bench
        .runtime
        .invoke(id, action, payload, CallOptions::default())
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_count_against_the_memory_of_their_instance() {
    let bench = Bench::plain().await;
    let id = load(&bench, Bench::setup()).await;
    let before = resident();
    let ended = call(&bench, &id, "fields", 100_000).await;
    assert_eq!(limit(ended), (LimitKind::Memory, 64 << 20));
    let grown = resident().saturating_sub(before);
    assert!(grown < 200 << 20, "{grown}");
    // One that keeps nothing is not held to what has gone through its hands.
    call(&bench, &id, "passing-fields", 2000)
        .await
        .expect("an answer");
    call(&bench, &id, "fields", 10).await.expect("an answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_host_holds_counts_over_all_instances_of_a_capsule() {
    let setup = Bench::setup().without_sandbox();
    let bench = setup
        .limits(|limits| limits.guest.host_bytes = 50 << 20)
        .start()
        .await;
    let id = load(&bench, Bench::setup()).await;
    let mut many = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (runtime, id) = (bench.runtime.clone(), id.clone());
        let options = CallOptions::default();
        many.spawn(async move {
            runtime
                .invoke(&id, "fields", b"200".to_vec(), options)
                .await
        });
    }
    let ended = many.join_all().await;
    let (answered, limited): (Vec<_>, Vec<_>) = ended.into_iter().partition(Result::is_ok);
    assert!(!answered.is_empty() && !limited.is_empty());
    for ended in limited {
        assert_eq!(limit(ended), (LimitKind::HostBytes, 50 << 20));
    }
    call(&bench, &id, "fields", 200)
        .await
        .expect("all was given back");
}

#[tokio::test]
async fn resources_of_an_instance_have_a_number() {
    let setup = Bench::setup().without_sandbox();
    let bench = setup
        .limits(|limits| limits.guest.resources = 500)
        .start()
        .await;
    let id = load(&bench, Bench::setup()).await;
    // Each is one of a clock, too.
    call(&bench, &id, "pollables", 200)
        .await
        .expect("an answer");
    let ended = call(&bench, &id, "pollables", 1000).await;
    assert_eq!(limit(ended), (LimitKind::Resources, 500));
}

#[tokio::test]
async fn what_is_passed_in_one_call_is_bounded() {
    let setup = Bench::setup().without_sandbox();
    let bench = setup
        .limits(|limits| limits.payload = 1 << 20)
        .start()
        .await;
    let ended = bench
        .plainly("pass", "[{\"program\": \"true\"}, 100]")
        .await;
    assert_eq!(limit(ended).0, LimitKind::Passed);
    let passed = bench.plainly("pass", "[{\"program\": \"true\"}, 1]").await;
    passed.expect("an answer");
}

#[tokio::test]
async fn one_set_of_fields_and_random_bytes_of_one_call_tell_their_limit() {
    let bench = Bench::plain().await;
    let id = load(&bench, Bench::setup()).await;
    let invoke = async |action: &str, payload: &str| {
        let (payload, options) = (payload.as_bytes().to_vec(), CallOptions::default());
        bench.runtime.invoke(&id, action, payload, options).await
    };
    for way in ["append", "set", "many", "from-list"] {
        let ended = invoke("wide-fields", way).await;
        assert_eq!(limit(ended), (LimitKind::Fields, 128 << 10), "{way}");
    }
    for kind in ["false", "true"] {
        let ended = invoke("random", &format!("[1048577, {kind}]")).await;
        assert_eq!(limit(ended), (LimitKind::Random, 1 << 20), "{kind}");
        let ended = invoke("random", &format!("[1048576, {kind}]")).await;
        ended.expect("an answer");
    }
}
