//! Passing a payload through subscribers, one after the other.

use boll_host::services::hook::{Answer, AnswerOutcome, Verdict};
use boll_host::{CallOptions, Outcome};

use super::{id, subscribed, subscriber, with};
use crate::bench::Bench;

async fn intercepted(bench: &Bench, topic: &str, payload: &str) -> Verdict {
    let payload = payload.as_bytes().to_vec();
    let verdict = bench
        .runtime
        .intercept(topic, payload, CallOptions::default());
    verdict.await.expect("it is published")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_passes_through_all_in_order() {
    let bench = with(&[
        ("b-counts", subscribed("a", "count", "priority = 1")),
        ("a-echoes", subscribed("a", "echo", "priority = 2")),
        ("c-leaves-it", subscribed("a", "nothing", "priority = 3")),
    ])
    .await;
    let passed = |text: &str| Verdict::Passed(text.into());
    assert_eq!(intercepted(&bench, "a", "x").await, passed("1"));
    assert_eq!(intercepted(&bench, "nobody", "x").await, passed("x"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_ends_it_or_denies_is_the_last() {
    let bench = with(&[
        ("a", subscriber("final", "final")),
        ("b", subscriber("deny", "deny")),
        // It would stop the chain, if it were asked.
        ("c", subscribed("**", "trap", "priority = 101")),
    ])
    .await;
    assert_eq!(
        intercepted(&bench, "final", "x").await,
        Verdict::Final {
            capsule: id("a"),
            payload: "x".into()
        }
    );
    assert_eq!(
        intercepted(&bench, "deny", "x").await,
        Verdict::Denied {
            capsule: id("b"),
            reason: "x".into()
        }
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_fails_stops_it_unless_the_subscription_says_otherwise() {
    for (action, more) in [("fail", ""), ("trap", ""), ("spin", "timeout-ms = 50")] {
        let go_on = format!("{more}\non-failure = \"continue\"");
        let bench = with(&[
            ("a", subscribed("goes-on", action, &go_on)),
            ("b", subscribed("**", "echo", "priority = 1")),
            ("c", subscribed("stops", action, more)),
        ])
        .await;
        assert_eq!(
            intercepted(&bench, "goes-on", "x").await,
            Verdict::Passed("x".into()),
            "{action}"
        );
        let verdict = intercepted(&bench, "stops", "x").await;
        let Verdict::Stopped(Answer {
            capsule, outcome, ..
        }) = verdict
        else {
            panic!("{action}: {verdict:?}");
        };
        assert_eq!(capsule, id("c"));
        let fits = match action {
            "fail" => outcome == AnswerOutcome::Answered(Outcome::Failed("x".into())),
            "trap" => matches!(outcome, AnswerOutcome::Crashed(_)),
            _ => outcome == AnswerOutcome::TimedOut,
        };
        assert!(fits, "{action}: {outcome:?}");
    }
}
