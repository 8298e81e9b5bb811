//! Ending calls from outside: by call id, by unloading, by shutting down.
//! What a call started ends with it.

use std::time::{Duration, Instant};

use boll_host::capsule::CapsuleState;
use boll_host::{CallError, CallOptions, InvokeError, LoadCause, Outcome};
use serde_json::json;
use tokio::task::JoinHandle;

use crate::bench::{Bench, named, until};
use crate::support::{eventually, marker, processes_with};

type Call = JoinHandle<Result<Outcome, CallError>>;

fn is_cancelled(outcome: &Result<Outcome, CallError>) -> bool {
    matches!(
        outcome,
        Err(CallError::Invoke {
            error: InvokeError::Cancelled,
            ..
        })
    )
}

/// A call whose process sleeps, and a child of that outside of its group.
async fn sleeping(bench: &Bench, call_id: &str, marker: &str) -> Call {
    let script =
        format!("trap '' INT TERM; (setsid sleep {marker} &); while :; do sleep {marker}; done");
    let command = json!({"program": "sh", "args": ["-c", script]});
    let call = bench.begin("run", command.to_string(), named(call_id));
    until("the processes run", || processes_with(marker) >= 3).await;
    call
}

async fn soon(call: Call) -> Result<Outcome, CallError> {
    let waited = tokio::time::timeout(Duration::from_secs(10), call);
    waited.await.expect("it ends soon").expect("no panic")
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_ends_a_guest_that_computes() {
    let bench = Bench::plain().await;
    let call = bench.begin("spin", String::new(), named("a"));
    let mut cancelled = 0;
    let started = Instant::now();
    while cancelled == 0 && started.elapsed() < Duration::from_secs(10) {
        cancelled = bench.runtime.cancel(["a"]);
        tokio::task::yield_now().await;
    }
    assert_eq!(cancelled, 1);
    assert!(is_cancelled(&soon(call).await));
    assert_eq!(bench.runtime.cancel(["a"]), 0, "it is off the list");
    bench.plainly("echo", "x").await.expect("an answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_ends_a_guest_that_sleeps() {
    let bench = Bench::plain().await;
    let call = bench.begin("sleep", "600000".to_owned(), named("a"));
    until("it is there", || bench.runtime.cancel(["a"]) == 1).await;
    assert!(is_cancelled(&soon(call).await));
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_ends_the_processes_of_the_call_and_no_others() {
    let bench = Bench::with_program("sh").await;
    let (first, second) = (marker(), marker());
    let cancelled = sleeping(&bench, "a", &first).await;
    let other = sleeping(&bench, "b", &second).await;
    assert_eq!(bench.runtime.cancel(["a", "unknown"]), 1);
    assert!(is_cancelled(&soon(cancelled).await));
    eventually("no process is left", || processes_with(&first) == 0);
    assert!(processes_with(&second) >= 2, "the other call's go on");
    assert!(!other.is_finished());
    assert_eq!(bench.runtime.cancel(["b"]), 1);
    assert!(is_cancelled(&soon(other).await));
    eventually("no process is left", || processes_with(&second) == 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_id_may_stand_for_several_calls() {
    let bench = Bench::plain().await;
    let calls: Vec<_> = (0..3)
        .map(|_| bench.begin("sleep", "600000".to_owned(), named("a")))
        .collect();
    let nameless = bench.begin("sleep", "300".to_owned(), Default::default());
    let mut cancelled = 0;
    let started = Instant::now();
    while cancelled < 3 && started.elapsed() < Duration::from_secs(10) {
        cancelled = bench.runtime.cancel(["a"]);
        tokio::task::yield_now().await;
        if calls.iter().all(JoinHandle::is_finished) {
            break;
        }
    }
    for call in calls {
        assert!(is_cancelled(&soon(call).await));
    }
    assert_eq!(
        soon(nameless).await.expect("an answer"),
        Outcome::Continue(None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_call_leaves_nothing() {
    let bench = Bench::with_program("sh").await;
    let marker = marker();
    let call = sleeping(&bench, "a", &marker).await;
    call.abort();
    eventually("no process is left", || processes_with(&marker) == 0);
    // Its processes may be gone a moment before the call itself.
    eventually("it is off the list", || bench.runtime.cancel(["a"]) == 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn unloading_ends_the_calls_and_their_processes() {
    let bench = Bench::with_program("sh").await;
    let other = bench.also(&Bench::setup(), "other").await.expect("loaded");
    let marker = marker();
    let waiting = sleeping(&bench, "a", &marker).await;
    let spinning = bench.begin("spin", String::new(), named("b"));
    let mut state = bench.runtime.watch(&bench.id).expect("loaded");
    assert!(bench.runtime.unload(&bench.id));
    assert!(is_cancelled(&soon(waiting).await));
    let spun = soon(spinning).await;
    assert!(is_cancelled(&spun) || matches!(spun, Err(CallError::NotLoaded(_))));
    eventually("no process is left", || processes_with(&marker) == 0);
    state
        .wait_for(|state| state == CapsuleState::Unloaded)
        .await;
    assert_eq!(state.current(), CapsuleState::Unloaded);
    assert!(matches!(
        bench.plainly("echo", "x").await,
        Err(CallError::NotLoaded(_))
    ));
    let call = bench
        .runtime
        .invoke(&other, "echo", Vec::new(), Default::default());
    call.await.expect("the other one is still there");
}

#[tokio::test(flavor = "multi_thread")]
async fn shutting_down_ends_everything_before_it_returns() {
    let bench = Bench::with_program("sh").await;
    let marker = marker();
    let waiting = sleeping(&bench, "a", &marker).await;
    let spinning = bench.begin("spin", String::new(), Default::default());
    bench.runtime.shut_down().await;
    assert_eq!(processes_with(&marker), 0);
    assert!(is_cancelled(&soon(waiting).await));
    let spun = soon(spinning).await;
    // It may have come too late.
    let refused = matches!(spun, Err(CallError::ShuttingDown | CallError::NotLoaded(_)));
    assert!(is_cancelled(&spun) || refused, "{spun:?}");

    assert_eq!(bench.runtime.capsules(), []);
    assert!(bench.plainly("echo", "x").await.is_err());
    let error = bench
        .also(&Bench::setup(), "late")
        .await
        .expect_err("closed");
    assert!(matches!(error.cause, LoadCause::ShuttingDown));
    // Once more changes nothing.
    bench.runtime.shut_down().await;
}

/// A process that says when it runs, and takes its leave when it is asked to end.
fn polite() -> String {
    let script = "trap 'echo bye; exit' INT; echo here; while :; do sleep 0.05; done";
    json!({"program": "sh", "args": ["-c", script], "stdout": "log"}).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_is_asked_to_end_before_its_call_is_dropped() {
    let bench = Bench::with_program("sh").await;
    let call = bench.begin("run", polite(), named("a"));
    until("it runs", || bench.log.messages().contains(&"here".into())).await;
    bench.runtime.cancel(["a"]);
    assert!(is_cancelled(&soon(call).await));
    until("it says so", || {
        bench.log.messages().contains(&"bye".into())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_is_asked_to_end_when_the_time_is_up() {
    let bench = Bench::with_program("sh").await;
    let options = CallOptions {
        time: Some(Duration::from_millis(700)),
        ..CallOptions::default()
    };
    let outcome = soon(bench.begin("run", polite(), options)).await;
    assert!(matches!(
        outcome,
        Err(CallError::Invoke {
            error: InvokeError::TimedOut(_),
            ..
        })
    ));
    until("it says so", || {
        bench.log.messages().contains(&"bye".into())
    })
    .await;
}
