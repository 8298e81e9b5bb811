//! Subscribers that are functions of the embedder's, among capsules.

use std::future::{pending, ready};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use boll_host::policy::OnFailure;
use boll_host::services::hook::{AnswerOutcome, HookEvent, NativeSubscription, Verdict};
use boll_host::{CallOptions, LoadCause, Outcome};
use serde_json::json;
use tokio::sync::Notify;

use super::{capsules, goes_on, id, subscribed, subscriber, triggered};
use crate::bench::{Bench, named, reply};

/// A subscriber to everything that answers at once.
fn native(
    name: &str,
    says: impl Fn(HookEvent) -> Outcome + Send + Sync + 'static,
) -> NativeSubscription {
    let topic = "**".parse().expect("a pattern");
    NativeSubscription::new(id(name), topic, move |event| ready(says(event)))
}

/// What was left, with another letter behind it.
fn with_letter(letter: &'static str) -> impl Fn(HookEvent) -> Outcome + Send + Sync {
    move |event| Outcome::Continue(Some([&*event.payload, letter.as_bytes()].concat()))
}

/// A runtime that may publish anything, with these subscribers.
async fn with(natives: impl IntoIterator<Item = NativeSubscription>) -> Bench {
    let setup = Bench::setup()
        .manifest("[[publish]]\ntopic = \"**\"")
        .grant("publish:**")
        .without_sandbox();
    let setup = natives
        .into_iter()
        .fold(setup, |setup, one| setup.subscription(one));
    setup.start().await
}

async fn intercepted(bench: &Bench, payload: &str) -> Verdict {
    let options = CallOptions::default();
    let verdict = bench.runtime.intercept("a", payload.into(), options).await;
    verdict.expect("it is published")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedder_is_asked_among_capsules_by_priority_and_id() {
    let natives = [
        native("c-host", with_letter("c")).action("watch"),
        native("z-host", with_letter("z")).priority(-1),
    ];
    let bench = with(natives).await;
    for id in ["b", "d"] {
        bench
            .also(&subscriber("a", "append"), id)
            .await
            .expect("loaded");
    }
    let answers = triggered(&bench, "a", "x").await;
    assert_eq!(capsules(&answers), ["z-host", "b", "c-host", "d"]);
    assert_eq!(answers[0].action, "host");
    assert_eq!(answers[2].action, "watch");
    assert_eq!(answers[0].outcome, goes_on("xz"));
    // In a chain each gets what the one before left.
    assert_eq!(
        intercepted(&bench, "x").await,
        Verdict::Passed("xz+c+".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedder_denies_and_ends_chains_under_its_id() {
    let bench = with([native("guard", |event: HookEvent| {
        match event.payload.as_slice() {
            b"deny" => Outcome::Deny("no".to_owned()),
            b"end" => Outcome::Final("done".into()),
            _ => Outcome::Continue(None),
        }
    })])
    .await;
    let denied = Verdict::Denied {
        capsule: id("guard"),
        reason: "no".to_owned(),
    };
    assert_eq!(intercepted(&bench, "deny").await, denied);
    let ended = Verdict::Final {
        capsule: id("guard"),
        payload: "done".into(),
    };
    assert_eq!(intercepted(&bench, "end").await, ended);
    assert_eq!(intercepted(&bench, "x").await, Verdict::Passed("x".into()));
    // A capsule that publishes is told the same.
    let told = bench
        .json("intercept", r#"{"topic": "a", "payload": "deny"}"#)
        .await;
    assert_eq!(
        told,
        json!({"verdict": "denied", "capsule": "guard", "reason": "no"})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedder_is_held_to_time_and_size_and_its_panic_is_its_own() {
    let topic = || "**".parse().expect("a pattern");
    let slow = NativeSubscription::new(id("slow"), topic(), |_| pending());
    let at_once =
        NativeSubscription::new(id("at-once"), topic(), |_| -> std::future::Ready<Outcome> {
            panic!("before it answers")
        });
    let bench = with([
        slow.timeout(Duration::from_millis(20))
            .on_failure(OnFailure::Continue),
        native("panics", |_| panic!("while it answers")).on_failure(OnFailure::Continue),
        at_once.on_failure(OnFailure::Continue),
        native("large", |_| Outcome::Final(vec![0; (1 << 20) + 1])).on_failure(OnFailure::Continue),
        native("well", with_letter("!")).priority(101),
    ])
    .await;
    let answers = triggered(&bench, "a", "x").await;
    let outcomes: Vec<_> = answers.into_iter().map(|answer| answer.outcome).collect();
    let crashed = |text: &str| AnswerOutcome::Crashed(text.to_owned());
    assert_eq!(
        outcomes,
        [
            crashed("it panicked"),
            crashed("its answer has more than 1048576 bytes"),
            crashed("it panicked"),
            AnswerOutcome::TimedOut,
            goes_on("x!"),
        ]
    );
    assert_eq!(intercepted(&bench, "x").await, Verdict::Passed("x!".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_reaches_the_embedders_answer() {
    let asked = Arc::new(Notify::new());
    let tell = Arc::clone(&asked);
    let topic = "**".parse().expect("a pattern");
    let waits = NativeSubscription::new(id("waits"), topic, move |_| {
        tell.notify_one();
        pending()
    });
    let bench = with([waits]).await;
    let call = bench.begin("trigger", r#"{"topic": "a"}"#.to_owned(), named("c-1"));
    asked.notified().await;
    assert_eq!(bench.runtime.cancel(["c-1"]), 1);
    call.await.expect("it ends").expect_err("it is cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedder_is_told_who_publishes() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&told);
    let bench = with([native("listens", move |event| {
        keep.lock().expect("not poisoned").push(event);
        Outcome::Continue(None)
    })])
    .await;
    let options = CallOptions {
        principal: Some("ann".into()),
        ..named("c-1")
    };
    let payload = r#"{"topic": "a.b", "payload": "x"}"#;
    reply(bench.call("trigger", payload, options).await);
    triggered(&bench, "c", "y").await;
    let told = told.lock().expect("not poisoned");
    let [first, second] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!((&*first.topic, &*first.payload), ("a.b", &b"x"[..]));
    assert_eq!(first.principal.as_deref(), Some("ann"));
    assert_eq!(first.call_id.as_deref(), Some("c-1"));
    assert_eq!(*first.chain, [id("guests")]);
    assert!(first.deadline > std::time::SystemTime::now() - Duration::from_secs(60));
    assert_eq!((&*second.topic, second.chain.len()), ("c", 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_capsule_has_the_id_of_a_subscriber_of_the_embedders() {
    let bench = with([native("mine", with_letter("x"))]).await;
    let setup = subscribed("a", "echo", "");
    let refused = bench.also(&setup, "mine").await.expect_err("it is taken");
    assert!(matches!(refused.cause, LoadCause::Native(taken) if taken == id("mine")));
}
