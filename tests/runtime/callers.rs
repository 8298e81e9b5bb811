//! The caller that a capsule is told: fixed for its call, and never another's.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use boll_host::CallOptions;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::bench::{Bench, named, reply};

fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970");
    u64::try_from(since.as_millis()).expect("a time")
}

#[tokio::test]
async fn the_caller_has_all_that_the_host_was_told() {
    let bench = Bench::plain().await;
    let options = CallOptions {
        principal: Some("ann".into()),
        call_id: Some("c-1".into()),
        time: Some(Duration::from_secs(7)),
    };
    let before = now_ms();
    let caller = reply(bench.call("caller", "", options).await);
    let after = now_ms();
    assert_eq!(caller["principal"], "ann");
    assert_eq!(caller["call_id"], "c-1");
    assert_eq!(caller["source"], "host");
    assert_eq!(caller["chain"], json!([]));
    let started = caller["started_at_ms"].as_u64().expect("a time");
    assert!((before..=after).contains(&started));
    assert_eq!(caller["deadline_ms"], started + 7_000);
    let now = caller["now_ms"].as_u64().expect("a time");
    assert!((started..=after).contains(&now));
}

#[tokio::test]
async fn what_the_host_was_not_told_is_not_there() {
    let bench = Bench::plain().await;
    let caller = bench.json("caller", "").await;
    assert_eq!(caller["principal"], Value::Null);
    assert_eq!(caller["call_id"], Value::Null);
    // Not told either, but never without end.
    let length = caller["deadline_ms"]
        .as_u64()
        .zip(caller["started_at_ms"].as_u64());
    assert_eq!(
        length.map(|(deadline, started)| deadline - started),
        Some(60_000)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_calls_at_once_each_have_their_own_caller() {
    let bench = Bench::plain().await;
    let mut calls = JoinSet::new();
    for number in 0..100 {
        let (runtime, id) = (bench.runtime.clone(), bench.id.clone());
        calls.spawn(async move {
            let principal = format!("principal-{number}");
            let call_id = format!("call-{number}");
            let options = CallOptions {
                principal: Some(principal.as_str().into()),
                call_id: Some(call_id.as_str().into()),
                time: Some(Duration::from_secs(10 + number % 50)),
            };
            let caller = reply(runtime.invoke(&id, "caller", Vec::new(), options).await);
            assert_eq!(caller["principal"], principal);
            assert_eq!(caller["call_id"], call_id);
            let time = caller["deadline_ms"]
                .as_u64()
                .zip(caller["started_at_ms"].as_u64());
            let time = time
                .map(|(deadline, started)| deadline - started)
                .expect("times");
            assert_eq!(time, (10 + number % 50) * 1_000);
        });
    }
    while let Some(call) = calls.join_next().await {
        call.expect("no mix-up");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deadline_that_is_told_is_the_one_that_holds() {
    let setup = Bench::setup().without_sandbox();
    let bench = setup.limits(|limits| limits.instances = 1).start().await;
    // Both are there before the first has ended, and there is one instance.
    let first = bench.begin("sleep", "500".to_owned(), named("first"));
    tokio::task::yield_now().await;
    let caller = bench.json("caller", "").await;
    first.await.expect("no panic").expect("an answer");
    let at = |key: &str| caller[key].as_u64().expect("a time");
    let left = at("deadline_ms") - at("now_ms");
    let waited = at("now_ms") - at("started_at_ms");
    assert_eq!(left + waited, 60_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn log_lines_of_calls_at_once_have_their_own_caller() {
    let bench = Bench::plain().await;
    let mut calls = JoinSet::new();
    for number in 0..50 {
        let (runtime, id) = (bench.runtime.clone(), bench.id.clone());
        calls.spawn(async move {
            let options = CallOptions {
                principal: Some(format!("p{number}").into()),
                call_id: Some(format!("c{number}").into()),
                time: None,
            };
            // Its message is in the panic that reaches the log.
            let payload = format!("says {number}.").into_bytes();
            runtime
                .invoke(&id, "trap", payload, options)
                .await
                .expect_err("a trap");
        });
    }
    while let Some(call) = calls.join_next().await {
        call.expect("no panic");
    }
    let lines = bench.logged().await;
    for number in 0..50 {
        let text = format!("says {number}.");
        let line = lines.iter().find(|line| line.message.contains(&text));
        let origin = line.and_then(|line| line.origin.as_ref()).expect("a line");
        assert_eq!(
            origin.principal.as_deref(),
            Some(format!("p{number}").as_str())
        );
        assert_eq!(
            origin.call_id.as_deref(),
            Some(format!("c{number}").as_str())
        );
        assert_eq!(origin.capsule, bench.id);
    }
}
