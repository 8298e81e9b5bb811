//! Asking all subscribers at once.

use std::time::Duration;

use boll_host::services::hook::{AnswerOutcome, PublishError};
use boll_host::{CallOptions, Outcome};
use serde_json::{Value, json};

use super::{capsules, goes_on, id, subscribed, subscriber, triggered, with};
use crate::bench::{Bench, grants, named, until};

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_comes_in_order_with_its_outcome() {
    let late = |action| subscribed("news", action, "priority = 200");
    let bench = with(&[
        ("b-echo", subscriber("news", "echo")),
        ("a-final", subscriber("news", "final")),
        ("z-first", subscribed("news", "deny", "priority = -1")),
        ("c-fail", late("fail")),
        ("d-trap", late("trap")),
        (
            "e-late",
            subscribed("news", "spin", "priority = 300\ntimeout-ms = 50"),
        ),
        (
            "f-odd",
            subscribed("news", "no-such-action", "priority = 400"),
        ),
    ])
    .await;
    let answers = triggered(&bench, "news", "x").await;
    assert_eq!(
        capsules(&answers),
        [
            "z-first", "a-final", "b-echo", "c-fail", "d-trap", "e-late", "f-odd"
        ]
    );
    assert_eq!(answers[5].action, "spin");
    let outcomes: Vec<_> = answers.into_iter().map(|answer| answer.outcome).collect();
    let answered = AnswerOutcome::Answered;
    assert_eq!(outcomes[0], answered(Outcome::Deny("x".into())));
    assert_eq!(outcomes[1], answered(Outcome::Final("x".into())));
    assert_eq!(outcomes[2], goes_on("x"));
    assert_eq!(outcomes[3], answered(Outcome::Failed("x".into())));
    assert!(
        matches!(&outcomes[4], AnswerOutcome::Crashed(text) if text.contains("trapped")),
        "{outcomes:?}"
    );
    assert_eq!(outcomes[5], AnswerOutcome::TimedOut);
    assert_eq!(
        outcomes[6],
        answered(Outcome::UnknownAction("no-such-action".into()))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_subscribes_and_is_granted_is_asked() {
    let ungranted = Bench::setup().manifest("[[hook]]\ntopic = \"a.b\"\naction = \"echo\"");
    let narrower = Bench::setup()
        .manifest("[[hook]]\ntopic = \"a.**\"\naction = \"echo\"")
        .grant("subscribe:a.b");
    let bench = with(&[
        ("exact", subscriber("a.b", "echo")),
        ("star", subscriber("a.*", "echo")),
        ("rest", subscriber("a.**", "echo")),
        ("other", subscriber("b.**", "echo")),
        ("ungranted", ungranted),
        ("narrower", narrower),
    ])
    .await;
    let asked = |answers: Vec<_>| capsules(&answers).join(" ");
    assert_eq!(
        asked(triggered(&bench, "a.b", "").await),
        "exact narrower rest star"
    );
    assert_eq!(asked(triggered(&bench, "a.c", "").await), "rest star");
    assert_eq!(asked(triggered(&bench, "a", "").await), "rest");
    assert_eq!(asked(triggered(&bench, "c", "").await), "");

    // Grants are looked at each time.
    assert!(
        bench
            .runtime
            .set_grants(&id("exact"), &grants(&[] as &[&str]))
    );
    assert!(
        bench
            .runtime
            .set_grants(&id("ungranted"), &grants(&["subscribe:**"]))
    );
    bench.runtime.unload(&id("star"));
    assert_eq!(
        asked(triggered(&bench, "a.b", "").await),
        "narrower rest ungranted"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capsule_answers_once_for_each_subscription() {
    let twice = subscribed("a", "echo", "priority = 2")
        .manifest("[[hook]]\ntopic = \"**\"\naction = \"topic\"\npriority = 1");
    let bench = with(&[("twice", twice.grant("subscribe:**"))]).await;
    let answers = triggered(&bench, "a", "x").await;
    let actions: Vec<_> = answers.iter().map(|answer| &*answer.action).collect();
    assert_eq!(actions, ["topic", "echo"]);
    assert_eq!(answers[0].outcome, goes_on("\"a\""), "it is told the topic");
}

#[tokio::test(flavor = "multi_thread")]
async fn subscribers_are_asked_at_the_same_time() {
    let bench = Bench::plain().await;
    for number in 0..10 {
        let setup = subscriber("wait", "sleep");
        let loaded = bench.also(&setup, &format!("s{number}")).await;
        loaded.expect("loaded");
    }
    // One after the other they would need twice the time that they have.
    let options = CallOptions {
        time: Some(Duration::from_secs(4)),
        ..CallOptions::default()
    };
    let answers = bench
        .runtime
        .trigger("wait", b"800".to_vec(), options)
        .await;
    let answers = answers.expect("published");
    assert_eq!(answers.len(), 10);
    for answer in answers {
        assert_eq!(
            answer.outcome,
            AnswerOutcome::Answered(Outcome::Continue(None))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_slow_is_waited_for_no_longer_than_its_timeout() {
    let bench = with(&[
        ("quick", subscriber("news", "echo")),
        ("slow", subscribed("news", "sleep", "timeout-ms = 100")),
    ])
    .await;
    let answers = triggered(&bench, "news", "600000").await;
    assert_eq!(answers[0].outcome, goes_on("600000"));
    assert_eq!(answers[1].outcome, AnswerOutcome::TimedOut);
    assert_eq!(bench.runtime.calls(), 0, "it is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn subscribers_are_told_who_publishes() {
    let bench = with(&[("told", subscriber("news", "caller"))]).await;
    let options = CallOptions {
        principal: Some("ann".into()),
        call_id: Some("c-1".into()),
        time: Some(Duration::from_secs(3)),
    };
    let answers = bench.runtime.trigger("news", Vec::new(), options).await;
    let answers = answers.expect("published");
    let AnswerOutcome::Answered(Outcome::Continue(Some(caller))) = &answers[0].outcome else {
        panic!("{answers:?}");
    };
    let caller: Value = serde_json::from_slice(caller).expect("JSON");
    assert_eq!(caller["principal"], "ann");
    assert_eq!(caller["call_id"], "c-1");
    assert_eq!(caller["source"], "host");
    assert_eq!(caller["chain"], json!([]));
    let time = |key: &str| caller[key].as_u64().expect("a time");
    assert!(time("deadline_ms") - time("started_at_ms") <= 3_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_topic_or_too_large_is_not_published() {
    let setup = subscriber("news", "echo");
    let bench = Bench::setup().without_sandbox();
    let bench = bench
        .limits(|limits| limits.hook_payload = 1_000)
        .start()
        .await;
    bench.also(&setup, "told").await.expect("loaded");
    let publish = async |topic: &str, bytes: usize| {
        let payload = vec![b'x'; bytes];
        let answers = bench
            .runtime
            .trigger(topic, payload, CallOptions::default());
        answers.await
    };
    assert_eq!(publish("news", 1_000).await.expect("it fits").len(), 1);
    assert_eq!(
        publish("news", 1_001).await,
        Err(PublishError::TooLarge(1_000))
    );
    for wrong in ["", "a..b", "News", "a.*", "**"] {
        let refused = publish(wrong, 0).await;
        assert!(
            matches!(refused, Err(PublishError::InvalidTopic(_))),
            "{wrong}: {refused:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_to_a_hook_has_the_hooks_limit() {
    let bench = with(&[("big", subscriber("news", "big-reply"))]).await;
    let answers = triggered(&bench, "news", "1048576").await;
    assert!(matches!(&answers[0].outcome, AnswerOutcome::Answered(_)));
    let answers = triggered(&bench, "news", "1048577").await;
    assert!(
        matches!(&answers[0].outcome, AnswerOutcome::Crashed(text) if text.contains("1048576")),
        "{answers:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_a_publication_reaches_its_subscribers_and_no_others() {
    let bench = with(&[
        ("spins", subscriber("spin", "spin")),
        ("sleeps", subscriber("spin", "sleep")),
    ])
    .await;
    let publish = |call_id| {
        let runtime = bench.runtime.clone();
        tokio::spawn(async move {
            let payload = b"600000".to_vec();
            runtime.trigger("spin", payload, named(call_id)).await
        })
    };
    let (first, second) = (publish("a"), publish("b"));
    until("all are asked", || bench.runtime.calls() == 4).await;
    assert_eq!(bench.runtime.cancel(["a"]), 1);
    let answers = first.await.expect("no panic").expect("published");
    for answer in answers {
        assert_eq!(answer.outcome, AnswerOutcome::Cancelled);
    }
    assert_eq!(bench.runtime.calls(), 2);
    assert!(!second.is_finished());
    assert_eq!(bench.runtime.cancel(["b"]), 1);
    second.await.expect("no panic").expect("published");
}
