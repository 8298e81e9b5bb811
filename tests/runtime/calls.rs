//! Calls: what a capsule answers, and that no call spoils the next.

use boll_host::{CallError, InvokeError, Outcome};

use crate::bench::Bench;

#[tokio::test]
async fn every_kind_of_answer_arrives_as_itself() {
    let bench = Bench::plain().await;
    let text = |text: &str| text.to_owned();
    for (action, payload, expected) in [
        ("echo", "ünï\0", Outcome::Continue(Some("ünï\0".into()))),
        ("echo", "", Outcome::Continue(Some(Vec::new()))),
        ("nothing", "", Outcome::Continue(None)),
        ("final", "last", Outcome::Final("last".into())),
        ("deny", "no", Outcome::Deny(text("no"))),
        ("fail", "it rains", Outcome::Failed(text("it rains"))),
        ("nobody", "", Outcome::UnknownAction(text("nobody"))),
        ("", "", Outcome::UnknownAction(text(""))),
    ] {
        let outcome = bench.plainly(action, payload).await.expect("an answer");
        assert_eq!(outcome, expected);
    }
    let outcome = bench.plainly("sleep", "soon").await.expect("an answer");
    assert!(matches!(outcome, Outcome::InvalidPayload(_)), "{outcome:?}");
}

#[tokio::test]
async fn a_direct_call_has_no_topic() {
    let bench = Bench::plain().await;
    assert!(bench.json("topic", "").await.is_null());
}

#[tokio::test]
async fn each_call_has_an_instance_of_its_own() {
    let bench = Bench::plain().await;
    for _ in 0..3 {
        assert_eq!(bench.json("count", "").await, 1);
    }
}

#[tokio::test]
async fn a_trap_spoils_no_other_call() {
    let bench = Bench::plain().await;
    for action in ["trap", "abort", "deep-recursion"] {
        let error = bench.plainly(action, "x").await.expect_err("a trap");
        assert!(
            matches!(
                &error,
                CallError::Invoke {
                    error: InvokeError::Trapped(_),
                    ..
                }
            ),
            "{error}"
        );
        let outcome = bench.plainly("echo", "x").await.expect("an answer");
        assert_eq!(outcome, Outcome::Continue(Some("x".into())));
    }
    // With many at once, each gets its own end.
    let calls: Vec<_> = (0..40)
        .map(|number| {
            let action = if number % 2 == 0 { "trap" } else { "echo" };
            (
                action,
                bench.begin(action, number.to_string(), Default::default()),
            )
        })
        .collect();
    for (number, (action, call)) in calls.into_iter().enumerate() {
        let outcome = call.await.expect("no panic");
        assert_eq!(outcome.is_err(), action == "trap");
        if let Ok(outcome) = outcome {
            assert_eq!(outcome, Outcome::Continue(Some(number.to_string().into())));
        }
    }
}

#[tokio::test]
async fn a_trap_says_where() {
    let bench = Bench::plain().await;
    match bench.plainly("trap", "x").await {
        Err(CallError::Invoke {
            error: InvokeError::Trapped(trap),
            ..
        }) => {
            let frames = trap.backtrace.join("\n");
            assert!(frames.contains("boll_test_guests"), "{frames}");
            assert!(trap.backtrace[0].contains("boll_test_guests"), "{frames}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_not_loaded_cannot_be_called() {
    let bench = Bench::plain().await;
    let other = "other".parse().expect("an id");
    let call = bench
        .runtime
        .invoke(&other, "echo", Vec::new(), Default::default());
    assert!(matches!(call.await, Err(CallError::NotLoaded(id)) if id == other));
}

#[tokio::test]
async fn the_guests_see_nothing_of_the_machine() {
    let bench = Bench::plain().await;
    let ambient = bench.json("ambient", "").await;
    assert_eq!(ambient["env"], serde_json::json!({}));
    assert_eq!(ambient["stdin"]["Ok"], "");
    assert!(ambient["root"]["Err"].is_string(), "{ambient}");
}
