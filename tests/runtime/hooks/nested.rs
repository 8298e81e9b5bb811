//! Hooks that capsules publish, and hooks below these.

use std::time::Duration;

use boll_host::services::hook::AnswerOutcome;
use boll_host::{CallError, CallOptions, InvokeError, Outcome};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{id, subscribed, subscriber, triggered, with};
use crate::bench::{Bench, Setup, grants, named, reply, until};
use crate::support::{eventually, marker, processes_with};

/// A setup that may publish to these topics, too.
fn publishing(setup: Setup, topic: &str) -> Setup {
    setup
        .manifest(&format!("[[publish]]\ntopic = \"{topic}\""))
        .grant(&format!("publish:{topic}"))
}

/// A runtime whose guests may publish anything, with these capsules.
async fn published_to(capsules: &[(&str, Setup)]) -> Bench {
    let bench = publishing(Bench::setup(), "**")
        .without_sandbox()
        .start()
        .await;
    for (id, setup) in capsules {
        bench.also(setup, id).await.expect("loaded");
    }
    bench
}

/// What the guests get for what they publish.
async fn publish(bench: &Bench, how: &str, topic: &str, payload: &str) -> Value {
    let publication = json!({ "topic": topic, "payload": payload });
    bench.json(how, &publication.to_string()).await
}

/// The capsules and outcomes among answers.
fn outcomes(answers: &Value) -> Vec<(&str, &str)> {
    let answers = answers["answers"].as_array();
    let answers = answers.unwrap_or_else(|| panic!("no answers: {answers:?}"));
    let text = |answer: &'_ Value, key: &str| answer[key].as_str().map(str::to_owned);
    answers
        .iter()
        .map(|answer| {
            assert!(text(answer, "capsule").is_some());
            let of = |key: &str| answer[key].as_str().expect("a text");
            (of("capsule"), of("outcome"))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capsule_gets_every_answer_but_its_own() {
    let bench = published_to(&[
        ("echoes", subscriber("news", "echo")),
        ("denies", subscriber("news", "deny")),
        ("ends", subscribed("news", "final", "priority = 1")),
        ("fails", subscriber("news", "fail")),
        ("traps", subscriber("news", "trap")),
        ("spins", subscribed("news", "spin", "timeout-ms = 50")),
    ])
    .await;
    // It subscribes itself, and is not asked.
    let own = publishing(subscriber("news", "echo"), "news");
    bench.also(&own, "guests").await.expect("loaded");
    let answers = publish(&bench, "trigger", "news", "x").await;
    assert_eq!(
        outcomes(&answers),
        [
            ("ends", "final"),
            ("denies", "deny"),
            ("echoes", "continue"),
            ("fails", "failed"),
            ("spins", "timed-out"),
            ("traps", "crashed"),
        ]
    );
    assert_eq!(answers["answers"][2]["payload"], "x");
    assert_eq!(answers["answers"][1]["reason"], "x");
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_needs_a_request_and_a_grant() {
    let listens = subscriber("**", "echo");
    let bench = publishing(Bench::setup(), "a.*")
        .without_sandbox()
        .start()
        .await;
    bench.also(&listens, "listens").await.expect("loaded");
    for how in ["trigger", "intercept"] {
        let denied = publish(&bench, how, "b", "x").await;
        assert_eq!(
            denied,
            json!({
                "error": "denied",
                "capability": "publish:b",
                "reason": "the manifest has no [[publish]] for this topic",
            })
        );
    }
    assert_eq!(
        outcomes(&publish(&bench, "trigger", "a.b", "x").await),
        [("listens", "continue")]
    );
    bench.runtime.set_grants(&bench.id, &grants(&[] as &[&str]));
    let denied = publish(&bench, "trigger", "a.b", "x").await;
    assert_eq!(
        denied,
        json!({
            "error": "denied",
            "capability": "publish:a.b",
            "reason": "the operator has not granted it; \"publish:a.*\" would",
        })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_topic_or_too_large_is_refused() {
    let bench = published_to(&[]).await;
    let refused = publish(&bench, "trigger", "a..b", "").await;
    assert_eq!(refused["error"], "invalid-topic");
    let large = "x".repeat((1 << 20) + 1);
    let refused = publish(&bench, "intercept", "a", &large).await;
    assert_eq!(refused, json!({ "error": "too-large", "limit": 1 << 20 }));
    let fits = publish(&bench, "intercept", "a", &large[1..]).await;
    assert_eq!(fits["verdict"], "passed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_passes_through_a_chain() {
    let named = |name: &str, priority: u32| {
        subscribed("a", "append", &format!("priority = {priority}"))
            .manifest("[config.name]\ntype = \"string\"")
            .config("name", name)
    };
    let bench = published_to(&[
        ("x", named("third", 3)),
        ("y", named("first", 1)),
        ("z", named("second", 2)),
    ])
    .await;
    let verdict = publish(&bench, "intercept", "a", "p").await;
    assert_eq!(
        verdict,
        json!({ "verdict": "passed", "payload": "p+first+second+third" })
    );
    let denies = subscribed("a", "deny", "priority = 2");
    bench.also(&denies, "w-denies").await.expect("loaded");
    let verdict = publish(&bench, "intercept", "a", "p").await;
    assert_eq!(
        verdict,
        json!({ "verdict": "denied", "capsule": "w-denies", "reason": "p+first" })
    );
    let traps = subscribed("a", "trap", "priority = 0");
    bench.also(&traps, "w-denies").await.expect("loaded");
    let verdict = publish(&bench, "intercept", "a", "p").await;
    assert_eq!(verdict["verdict"], "stopped");
    assert_eq!(verdict["answer"]["outcome"], "crashed");
}

/// What a subscriber writes to its standard error is its own and the operator's.
#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_learns_nothing_of_what_a_subscriber_that_trapped_has_written() {
    let bench = published_to(&[("traps", subscriber("news", "trap"))]).await;
    let answers = publish(&bench, "trigger", "news", "a secret of its own").await;
    assert_eq!(outcomes(&answers), [("traps", "crashed")]);
    let text = answers.to_string();
    assert!(text.contains("it trapped: "), "{text}");
    assert!(
        !text.contains("a secret") && !text.contains("panicked"),
        "{text}"
    );
    let lines = bench.logged().await;
    let told = lines
        .iter()
        .any(|line| line.message.contains("a secret of its own"));
    assert!(told, "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_the_chain_already_gives_recursion() {
    // guests -> a -> b -> (a is waiting, guests is waiting)
    let relays = |topic: &str| publishing(subscriber(topic, "relay"), "**");
    let back = publishing(subscriber("two", "echo"), "**");
    let bench = published_to(&[("a", relays("one")), ("b", relays("two"))]).await;
    bench.also(&back, "guests").await.expect("loaded");
    bench
        .also(
            &relays("one")
                .manifest("[[hook]]\ntopic = \"three\"\naction = \"echo\"")
                .grant("subscribe:three"),
            "a",
        )
        .await
        .expect("loaded");
    let answers = publish(&bench, "trigger", "one", "two three").await;
    assert_eq!(outcomes(&answers), [("a", "continue")]);
    let below: Value = inner(&answers);
    assert_eq!(
        outcomes(&below),
        [("b", "continue"), ("guests", "recursion")]
    );
    assert_eq!(outcomes(&inner(&below)), [("a", "recursion")]);
}

/// What the first answer's payload says.
fn inner(answers: &Value) -> Value {
    let payload = answers["answers"][0]["payload"].as_str();
    serde_json::from_str(payload.expect("a payload")).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_is_eight_deep_and_no_deeper() {
    let mut capsules = Vec::new();
    let ids: Vec<String> = (1..=9).map(|depth| format!("c{depth}")).collect();
    for id in &ids {
        capsules.push((id.as_str(), publishing(subscriber(id, "relay"), "**")));
    }
    let bench = published_to(&capsules).await;
    // guests publishes to c1, which publishes to c2, and so on: guests and c1 to
    // c7 wait for c8, whose own publication is one too many.
    let way = "c2 c3 c4 c5 c6 c7 c8 c9";
    let mut answers = publish(&bench, "trigger", "c1", way).await;
    for id in &ids[..8] {
        assert_eq!(outcomes(&answers), [(id.as_str(), "continue")]);
        answers = inner(&answers);
    }
    assert_eq!(answers, json!({ "error": "too-deep", "limit": 8 }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_caller_is_right_through_nested_hooks_a_hundred_at_a_time() {
    let relays = publishing(subscriber("one", "relay"), "**");
    let bench = published_to(&[("relays", relays), ("told", subscriber("two", "caller"))]).await;
    let uuid = bench
        .runtime
        .uuid(&id("relays"))
        .expect("loaded")
        .to_string();
    let mut calls = JoinSet::new();
    for number in 0..100 {
        let (runtime, guests, uuid) = (bench.runtime.clone(), bench.id.clone(), uuid.clone());
        calls.spawn(async move {
            let options = CallOptions {
                principal: Some(format!("p{number}").into()),
                call_id: Some(format!("c{number}").into()),
                time: Some(Duration::from_secs(30 + number)),
            };
            let payload = json!({ "topic": "one", "payload": "two" }).to_string();
            let answers = runtime.invoke(&guests, "trigger", payload.into(), options);
            let caller = inner(&inner(&reply(answers.await)));
            assert_eq!(caller["principal"], format!("p{number}"));
            assert_eq!(caller["call_id"], format!("c{number}"));
            assert_eq!(caller["source"], *uuid);
            assert_eq!(caller["chain"], json!(["guests", "relays"]));
            // The subscription's five seconds, not the caller's thirty.
            let time = |key: &str| caller[key].as_u64().expect("a time");
            assert!(time("deadline_ms") - time("started_at_ms") <= 5_000);
        });
    }
    while let Some(call) = calls.join_next().await {
        call.expect("no mix-up");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deadlines_shrink_on_the_way_down() {
    let slow = subscribed("two", "sleep", "timeout-ms = 600000");
    let relays = publishing(subscribed("one", "relay", "timeout-ms = 300"), "**");
    let bench = published_to(&[("relays", relays), ("slow", slow)]).await;
    // The one above has 300 ms; so has the one below, which asks for minutes.
    let publication = json!({ "topic": "one", "payload": "two 600000" });
    let answers = bench.json("trigger", &publication.to_string()).await;
    assert_eq!(outcomes(&answers), [("relays", "timed-out")]);
    eventually("both are gone", || bench.runtime.calls() == 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_may_give_subscribers_less_time() {
    let bench = published_to(&[("spins", subscriber("one", "spin"))]).await;
    let publication = json!({ "topic": "one", "timeout_ms": 50 });
    let answers = bench.json("trigger", &publication.to_string()).await;
    assert_eq!(outcomes(&answers), [("spins", "timed-out")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_reaches_a_nested_hook_and_its_processes_and_no_others() {
    let marker = marker();
    let script =
        format!("trap '' INT TERM; (setsid sleep {marker} &); while :; do sleep 0.1; done");
    let runs = subscribed("two", "run", "timeout-ms = 60000").program("sh");
    let relays = publishing(subscribed("one", "relay", "timeout-ms = 60000"), "**");
    let bench = publishing(Bench::setup(), "**").start().await;
    bench.also(&relays, "relays").await.expect("loaded");
    bench.also(&runs, "runs").await.expect("loaded");
    let spins = subscribed("spin", "spin", "timeout-ms = 60000");
    bench.also(&spins, "spins").await.expect("loaded");

    let command = json!({"program": "sh", "args": ["-c", script]}).to_string();
    let nested = json!({ "topic": "one", "payload": format!("two {command}") });
    let nested = bench.begin("trigger", nested.to_string(), named("a"));
    let computes = json!({ "topic": "spin" }).to_string();
    let computes = bench.begin("trigger", computes, named("b"));
    let other = bench.begin(
        "trigger",
        json!({ "topic": "spin" }).to_string(),
        named("c"),
    );
    until("the process runs", || processes_with(&marker) >= 2).await;
    until("all are there", || bench.runtime.calls() == 7).await;
    assert_eq!(bench.runtime.cancel(["a", "b"]), 2);
    for call in [nested, computes] {
        let outcome = call.await.expect("no panic");
        let cancelled = matches!(
            outcome,
            Err(CallError::Invoke {
                error: InvokeError::Cancelled,
                ..
            })
        );
        assert!(cancelled, "{outcome:?}");
    }
    assert_eq!(processes_with(&marker), 0, "when the answer is there");
    assert_eq!(bench.runtime.calls(), 2);
    assert!(!other.is_finished());
    bench.runtime.cancel(["c"]);
    other.await.expect("no panic").expect_err("cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unloaded_subscriber_is_no_longer_waited_for() {
    let spins = subscribed("one", "spin", "timeout-ms = 60000");
    let bench = published_to(&[("spins", spins)]).await;
    let call = bench.begin("trigger", json!({ "topic": "one" }).to_string(), named("a"));
    until("both are there", || bench.runtime.calls() == 2).await;
    assert!(bench.runtime.unload(&id("spins")));
    let answers = reply(call.await.expect("no panic"));
    assert_eq!(outcomes(&answers), [("spins", "cancelled")]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn capsules_that_hook_each_other_at_once_come_to_an_end() {
    // Each has one place, which it keeps while it waits for the other's.
    let one = |topic: &str| {
        let timeout = "timeout-ms = 300";
        publishing(subscribed(topic, "relay", timeout), "**")
            .manifest("[instance]\nmode = \"resident\"")
    };
    let bench = with(&[("a", one("to-a")), ("b", one("to-b"))]).await;
    let mut calls = JoinSet::new();
    for number in 0..20 {
        let runtime = bench.runtime.clone();
        calls.spawn(async move {
            let (first, payload) = if number % 2 == 0 {
                ("to-a", "to-b")
            } else {
                ("to-b", "to-a")
            };
            let answers = runtime.trigger(first, payload.into(), CallOptions::default());
            answers.await.expect("published").remove(0).outcome
        });
    }
    while let Some(outcome) = calls.join_next().await {
        let outcome = outcome.expect("no panic");
        let fits = matches!(
            outcome,
            AnswerOutcome::Answered(Outcome::Continue(_))
                | AnswerOutcome::Busy
                | AnswerOutcome::TimedOut
        );
        assert!(fits, "{outcome:?}");
    }
    // Nothing of it stays.
    assert_eq!(bench.runtime.calls(), 0);
    let answers = triggered(&bench, "to-a", "nobody").await;
    assert!(matches!(answers[0].outcome, AnswerOutcome::Answered(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn full_places_above_leave_places_below() {
    // As many calls as there are places, each of which waits for a hook.
    let relays = publishing(Bench::setup(), "**").without_sandbox();
    let bench = relays.limits(|limits| limits.instances = 2).start().await;
    bench
        .also(&subscriber("one", "echo"), "below")
        .await
        .expect("loaded");
    let mut calls = JoinSet::new();
    for _ in 0..40 {
        let (runtime, id) = (bench.runtime.clone(), bench.id.clone());
        calls.spawn(async move {
            let payload = json!({ "topic": "one", "payload": "x" }).to_string();
            let answers = runtime.invoke(&id, "trigger", payload.into(), CallOptions::default());
            reply(answers.await)
        });
    }
    while let Some(answers) = calls.join_next().await {
        let answers = answers.expect("no panic");
        assert_eq!(outcomes(&answers), [("below", "continue")]);
    }
}
