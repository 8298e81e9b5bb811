//! Resident instances: one for all calls to a capsule, in turn.

use std::time::Duration;

use boll_host::{CallError, CallOptions, InvokeError, LoadCause, Outcome};

use serde_json::{Value, json};

use crate::bench::{Bench, Setup, named, reply, until};
use crate::support::{marker, processes_with};

fn resident(more: &str) -> Setup {
    let instance = format!("[instance]\nmode = \"resident\"\n{more}");
    Bench::setup().without_sandbox().manifest(&instance)
}

async fn count(bench: &Bench) -> u64 {
    bench.json("count", "").await.as_u64().expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn it_remembers_what_a_fresh_one_forgets() {
    let bench = resident("").start().await;
    let fresh = Bench::plain().await;
    for call in 1..=3 {
        assert_eq!(count(&bench).await, call);
        assert_eq!(count(&fresh).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_come_in_turn() {
    let bench = resident("").start().await;
    let calls: Vec<_> = (0..50)
        .map(|_| bench.begin("count", String::new(), CallOptions::default()))
        .collect();
    let mut counts = Vec::new();
    for call in calls {
        let outcome = call.await.expect("no panic");
        counts.push(reply(outcome).as_u64().expect("a number"));
    }
    counts.sort_unstable();
    assert_eq!(counts, (1..=50).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stays_after_a_failure_and_goes_after_all_that_ends_it() {
    let bench = resident("").start().await;
    assert_eq!(count(&bench).await, 1);
    // A failure is an answer.
    let failed = bench.plainly("fail", "no").await.expect("an answer");
    assert_eq!(failed, Outcome::Failed("no".to_owned()));
    assert_eq!(count(&bench).await, 2);

    bench.plainly("trap", "x").await.expect_err("a trap");
    assert_eq!(count(&bench).await, 1, "after a trap");

    let options = CallOptions {
        time: Some(Duration::from_millis(50)),
        ..CallOptions::default()
    };
    let late = bench.call("spin", "", options).await;
    assert!(matches!(
        late,
        Err(CallError::Invoke {
            error: InvokeError::TimedOut(_),
            ..
        })
    ));
    assert_eq!(count(&bench).await, 1, "after its time was up");

    let call = bench.begin("sleep", "600000".to_owned(), named("a"));
    until("it is there", || bench.runtime.cancel(["a"]) == 1).await;
    call.await.expect("no panic").expect_err("cancelled");
    assert_eq!(count(&bench).await, 1, "after a cancel");

    let call = bench.begin("sleep", "600000".to_owned(), named("a"));
    until("it is there", || bench.runtime.calls() == 1).await;
    call.abort();
    let _ = call.await;
    assert_eq!(count(&bench).await, 1, "after whoever called went away");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_so_many_calls_wait_for_it() {
    let bench = resident("queue = 1").start().await;
    let first = bench.begin("sleep", "600000".to_owned(), named("a"));
    until("it is there", || bench.runtime.calls() == 1).await;
    let calls: Vec<_> = (0..9)
        .map(|_| bench.begin("count", String::new(), CallOptions::default()))
        .collect();
    let done = || calls.iter().filter(|call| call.is_finished()).count();
    until("all but one are refused", || done() == 8).await;
    assert_eq!(bench.runtime.cancel(["a"]), 1);
    first.await.expect("no panic").expect_err("cancelled");
    let mut counts = Vec::new();
    for call in calls {
        match call.await.expect("no panic") {
            Err(CallError::Crowded(_)) => {}
            outcome => counts.push(reply(outcome)),
        }
    }
    assert_eq!(counts, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_call_is_told_its_own_caller_and_writes_its_own_lines() {
    let bench = resident("").start().await;
    for number in 0..3 {
        let options = CallOptions {
            principal: Some(format!("p{number}").into()),
            call_id: Some(format!("c{number}").into()),
            time: None,
        };
        let caller = bench.call("caller", "", options.clone()).await;
        let caller = reply(caller);
        assert_eq!(caller["principal"], format!("p{number}"));
        assert_eq!(caller["call_id"], format!("c{number}"));
        bench.call("stdout", "", options).await.expect("an answer");
    }
    let lines = bench.logged().await;
    for number in 0..3 {
        let of = |line: &&boll_host::services::log::LogLine| {
            let call = line
                .origin
                .as_ref()
                .and_then(|origin| origin.call_id.as_ref().map(ToString::to_string));
            call == Some(format!("c{number}"))
        };
        let count = lines.iter().filter(of).count();
        assert_eq!(count, lines.len() / 3, "{lines:?}");
        assert!(count > 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_call_started_ends_with_it_though_the_guest_holds_it() {
    let setup = Bench::setup().manifest("[instance]\nmode = \"resident\"");
    let bench = setup.program("sleep").start().await;
    let marker = marker();
    let program = json!({ "program": "sleep", "args": [marker] }).to_string();
    assert_eq!(bench.json("hold", &program).await, Value::Null);
    assert_eq!(processes_with(&marker), 0, "when the answer is there");
    // It is the same guest, and it learns how that child ended.
    let before = bench.json("hold", &program).await;
    assert!(
        before.as_str().is_some_and(|how| how.contains("signal")),
        "{before}"
    );
    assert_eq!(processes_with(&marker), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_is_bounded_over_all_calls() {
    let bench = resident("memory-mib = 8").start().await;
    for action in ["allocate", "exhaust"] {
        assert_eq!(count(&bench).await, 1);
        assert_eq!(count(&bench).await, 2);
        let error = bench.plainly(action, "").await.expect_err("too much");
        assert!(matches!(
            error,
            CallError::Invoke {
                error: InvokeError::Limit { .. },
                ..
            }
        ));
    }
    assert_eq!(count(&bench).await, 1, "it is another one");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_replaced_after_a_limit_whatever_the_guest_said() {
    let bench = resident("memory-mib = 8").start().await;
    assert_eq!(count(&bench).await, 1);
    let answered = bench.plainly("caught", "").await.expect("an answer");
    assert_eq!(answered, Outcome::Continue(Some(b"caught".to_vec())));
    assert_eq!(count(&bench).await, 1, "it is another one");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_replaced_before_its_memory_ends_and_after_its_calls() {
    let bench = resident("memory-mib = 8\nmemory-percent = 50")
        .start()
        .await;
    for expected in 1..=3 {
        assert_eq!(count(&bench).await, expected);
    }
    bench.plainly("keep-mib", "6").await.expect("it fits");
    assert_eq!(count(&bench).await, 1, "it is another one");
    bench.plainly("keep-mib", "1").await.expect("it fits");
    assert_eq!(count(&bench).await, 2, "far from the limit");

    let bench = resident("calls = 2").start().await;
    let mut counts = Vec::new();
    for _ in 0..5 {
        counts.push(count(&bench).await);
    }
    assert_eq!(counts, [1, 2, 1, 2, 1]);
}

#[tokio::test]
async fn the_host_holds_only_so_many() {
    let setup = Bench::setup().without_sandbox();
    let bench = setup.limits(|limits| limits.residents = 2).start().await;
    for id in ["a", "b"] {
        bench.also(&resident(""), id).await.expect("loaded");
    }
    let refused = bench.also(&resident(""), "c").await.expect_err("too many");
    assert!(
        matches!(refused.cause, LoadCause::Residents(2)),
        "{refused:?}"
    );
    bench.also(&Bench::setup(), "fresh").await.expect("loaded");
    // An unloaded one makes room.
    assert!(bench.runtime.unload(&"a".parse().expect("an id")));
    bench.also(&resident(""), "c").await.expect("loaded");
}
