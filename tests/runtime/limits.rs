//! Limits: each is on by default, is named when it is reached, and binds the
//! call that reached it only.

use std::time::{Duration, Instant};

use boll_host::{CallError, CallOptions, InvokeError, LimitKind, Outcome};

use crate::bench::{Bench, named, until};

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

fn timed_out(outcome: Result<Outcome, CallError>) -> Duration {
    match outcome {
        Err(CallError::Invoke {
            error: InvokeError::TimedOut(time),
            ..
        }) => time,
        other => panic!("not timed out but {other:?}"),
    }
}

#[tokio::test]
async fn a_payload_may_be_as_large_as_the_limit() {
    let setup = Bench::setup().without_sandbox();
    let bench = setup.limits(|limits| limits.payload = 1000).start().await;
    let outcome = bench
        .plainly("echo", &"x".repeat(1000))
        .await
        .expect("an answer");
    assert_eq!(outcome, Outcome::Continue(Some(vec![b'x'; 1000])));
    let outcome = bench.plainly("echo", &"x".repeat(1001)).await;
    assert_eq!(limit(outcome), (LimitKind::Payload, 1000));
}

#[tokio::test]
async fn a_reply_of_any_kind_may_be_as_large_as_the_limit() {
    let setup = Bench::setup().without_sandbox();
    let bench = setup.limits(|limits| limits.payload = 1000).start().await;
    let outcome = bench.plainly("big-reply", "1000").await.expect("an answer");
    assert_eq!(outcome, Outcome::Continue(Some(vec![b'x'; 1000])));
    let outcome = bench.plainly("big-reply", "1001").await;
    assert_eq!(limit(outcome), (LimitKind::Reply, 1000));
    // It echoes the name inside a text.
    let outcome = bench.plainly(&"x".repeat(1001), "").await;
    assert_eq!(limit(outcome), (LimitKind::Reply, 1000));
}

#[tokio::test]
async fn memory_is_limited_by_the_manifest_below_the_host() {
    for (manifest, expected) in [
        ("", 4 << 20),
        ("[instance]\nmemory-mib = 2", 2 << 20),
        ("[instance]\nmemory-mib = 6", 6 << 20),
        ("[instance]\nmemory-mib = 4000", 8 << 20),
    ] {
        let bench = Bench::setup()
            .without_sandbox()
            .manifest(manifest)
            .limits(|limits| {
                limits.memory = 4 << 20;
                limits.max_memory = 8 << 20;
            })
            .start()
            .await;
        // The second one's guest catches what it is refused, and fails in order.
        for action in ["allocate", "exhaust"] {
            let outcome = bench.plainly(action, "").await;
            let expected = (LimitKind::Memory, expected);
            assert_eq!(limit(outcome), expected, "{action}, {manifest}");
        }
        bench.plainly("echo", "x").await.expect("an answer");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shortest_time_holds() {
    let ms = Duration::from_millis;
    let bench = Bench::setup()
        .without_sandbox()
        .manifest("[instance]\ntime-ms = 200")
        .limits(|limits| limits.max_time = ms(300))
        .start()
        .await;
    let with = |time| CallOptions {
        time,
        ..CallOptions::default()
    };
    for action in ["spin", "sleep"] {
        for (asked, expected) in [(None, 200), (Some(ms(100)), 100), (Some(ms(9000)), 200)] {
            let started = Instant::now();
            let outcome = bench.call(action, "60000", with(asked)).await;
            assert_eq!(timed_out(outcome), ms(expected));
            assert!(started.elapsed() >= ms(expected));
            assert!(
                started.elapsed() < ms(expected + 3000),
                "{:?}",
                started.elapsed()
            );
        }
    }
    let setup = Bench::setup().manifest("[instance]\ntime-ms = 60000");
    let other = bench.also(&setup, "other").await.expect("loaded");
    let call = bench.runtime.invoke(&other, "spin", Vec::new(), with(None));
    assert_eq!(timed_out(call.await), ms(300));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_waits_for_an_instance_and_then_is_told_that_none_was_free() {
    let setup = Bench::setup().without_sandbox();
    let bench = setup.limits(|limits| limits.instances = 1).start().await;
    let _first = bench.begin("sleep", "600000".to_owned(), named("first"));
    // It has the only instance once another call finds none.
    let brief = CallOptions {
        time: Some(Duration::from_millis(100)),
        ..CallOptions::default()
    };
    let outcome = loop {
        match bench.call("echo", "x", brief.clone()).await {
            Ok(_) => tokio::task::yield_now().await,
            other => break other,
        }
    };
    assert!(
        matches!(&outcome, Err(CallError::Busy(time)) if time.as_millis() == 100),
        "{outcome:?}"
    );

    let waiting = bench.begin("echo", "x".to_owned(), Default::default());
    assert_eq!(bench.runtime.cancel(["first"]), 1);
    let outcome = waiting.await.expect("no panic").expect("an answer");
    assert_eq!(outcome, Outcome::Continue(Some("x".into())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_waits_for_an_instance_can_be_cancelled() {
    let setup = Bench::setup().without_sandbox();
    let bench = setup.limits(|limits| limits.instances = 1).start().await;
    let first = bench.begin("sleep", "600000".to_owned(), named("first"));
    tokio::task::yield_now().await;
    let second = bench.begin("sleep", "600000".to_owned(), named("second"));
    until("both are there", || bench.runtime.cancel(["second"]) == 1).await;
    let outcome = second.await.expect("no panic");
    assert!(
        matches!(
            outcome,
            Err(CallError::Invoke {
                error: InvokeError::Cancelled,
                ..
            })
        ),
        "{outcome:?}"
    );
    assert!(!first.is_finished());
    bench.runtime.shut_down().await;
}

/// A capsule that takes few calls at a time holds up no other capsule.
#[tokio::test(flavor = "multi_thread")]
async fn a_capsule_takes_as_many_calls_at_a_time_as_its_manifest_says() {
    let instance = "[instance]\nconcurrency = 2\nqueue = 1";
    let setup = Bench::setup().without_sandbox().manifest(instance);
    let bench = setup.start().await;
    let other = bench.also(&Bench::setup(), "other").await.expect("loaded");
    let sleeps = ["a", "b"].map(|id| bench.begin("sleep", "600000".to_owned(), named(id)));
    until("both are there", || bench.runtime.calls() == 2).await;
    // One waits, and as its time is up it is told so; the others are not let in.
    let briefly = CallOptions {
        time: Some(Duration::from_millis(300)),
        ..CallOptions::default()
    };
    let calls: Vec<_> = (0..5)
        .map(|_| bench.begin("echo", "x".to_owned(), briefly.clone()))
        .collect();
    let (mut waited, mut refused) = (0, 0);
    for call in calls {
        match call.await.expect("no panic") {
            Err(CallError::Busy(time)) if time.as_millis() == 300 => waited += 1,
            Err(CallError::Crowded(id)) if id == bench.id => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((waited, refused), (1, 4));
    let counts = bench.runtime.counts(&bench.id).expect("loaded");
    assert_eq!(
        (counts.under_way, counts.waiting, counts.refused),
        (2, 0, 5)
    );
    let call = bench
        .runtime
        .invoke(&other, "echo", Vec::new(), CallOptions::default());
    call.await.expect("the other one has places");
    bench.runtime.cancel(["a"]);
    until("a place is free", || bench.runtime.calls() == 1).await;
    bench.plainly("echo", "x").await.expect("an answer");
    bench.runtime.cancel(["b"]);
    for sleep in sleeps {
        sleep.await.expect("no panic").expect_err("cancelled");
    }
}
