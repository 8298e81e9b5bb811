//! Resident capsules that wait for each other, each in a call of its own.

use std::time::{Duration, Instant};

use boll_host::CallOptions;
use boll_host::services::hook::{Answer, AnswerOutcome};
use boll_host::{Outcome, Runtime};
use serde_json::Value;

use super::{id, subscriber, with};
use crate::bench::{Setup, until};

/// A resident capsule that triggers what its payload names.
fn relays(topic: &str, mode: &str) -> Setup {
    subscriber(topic, "relay")
        .manifest("[[publish]]\ntopic = \"**\"")
        .manifest(&format!("[instance]\nmode = \"{mode}\""))
        .grant("publish:**")
        .without_sandbox()
}

async fn ask(runtime: &Runtime, path: &str) -> Vec<Answer> {
    let (topic, rest) = path.split_once(' ').expect("two topics");
    let answers = runtime.trigger(topic, rest.into(), CallOptions::default());
    answers.await.expect("it is published")
}

/// What the capsule that was asked got for what it asked: an outcome for each.
fn below(answers: &[Answer]) -> Vec<String> {
    let [answer] = answers else {
        panic!("{answers:?}");
    };
    let AnswerOutcome::Answered(Outcome::Continue(Some(reply))) = &answer.outcome else {
        panic!("{answer:?}");
    };
    let reply: Value = serde_json::from_slice(reply).expect("JSON");
    let answers = reply["answers"].as_array().expect("answers").iter();
    let text = |answer: &Value| answer["outcome"].as_str().expect("a text").to_owned();
    answers.map(text).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn residents_that_wait_for_each_other_are_answered_at_once() {
    let bench = with(&[
        ("a", relays("a", "resident")),
        ("b", relays("b", "resident")),
        ("c", relays("c", "resident")),
    ])
    .await;
    let began = Instant::now();
    let callers = ["a b x", "b c x", "c a x", "b a x"].map(|path| {
        let runtime = bench.runtime.clone();
        tokio::spawn(async move {
            let mut busy = 0;
            for _ in 0..100 {
                let outcomes = below(&ask(&runtime, path).await);
                let [outcome] = outcomes.as_slice() else {
                    panic!("{outcomes:?}");
                };
                match outcome.as_str() {
                    "continue" => {}
                    "busy" => busy += 1,
                    other => panic!("{other}"),
                }
            }
            busy
        })
    });
    let mut busy = 0;
    for caller in callers {
        busy += caller.await.expect("no panic");
    }
    // One timeout alone would be as long.
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
    let refused = |name: &str| bench.runtime.counts(&id(name)).expect("loaded").refused;
    assert_eq!(refused("a") + refused("b") + refused("c"), busy);
}

/// What only looks like a circle is waited for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_for_a_resident_that_waits_for_nobody_is_answered() {
    let bench = with(&[
        ("a", relays("a", "fresh")),
        ("b", relays("b", "resident")),
        ("slow", subscriber("slow", "sleep").without_sandbox()),
    ])
    .await;
    let holder = tokio::spawn({
        let runtime = bench.runtime.clone();
        async move { below(&ask(&runtime, "b slow 300").await) }
    });
    until("b is held", || {
        bench.runtime.counts(&id("slow")).expect("loaded").under_way > 0
    })
    .await;
    assert_eq!(below(&ask(&bench.runtime, "a b x y").await), ["continue"]);
    assert_eq!(holder.await.expect("no panic"), ["continue"]);
}
