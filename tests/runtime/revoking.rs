//! Grants that change while capsules run.

use boll_host::policy::GrantSet;
use serde_json::json;

use crate::bench::{Bench, grants, reply, sh, until};

#[tokio::test]
async fn a_revoked_grant_is_refused_at_the_next_call() {
    let bench = Bench::with_program("sh").await;
    assert_eq!(bench.sh("echo ran").await, "ran\n");
    assert!(bench.runtime.set_grants(&bench.id, &GrantSet::default()));
    let reply = bench.run(sh("echo ran")).await;
    assert_eq!(
        reply["err"]["denied"],
        json!({
            "capability": "process:sh",
            "reason": "the operator has not granted it; \"process:sh\" would",
        })
    );
    assert_eq!(bench.json("held", "").await, json!([]));
    assert!(
        bench
            .runtime
            .set_grants(&bench.id, &grants(&["process:sh"]))
    );
    assert_eq!(bench.sh("echo ran").await, "ran\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_grant_is_refused_within_a_call_that_runs() {
    let bench = Bench::with_program("sh").await;
    let uuid = bench.runtime.uuid(&bench.id).expect("loaded").to_string();
    let running = bench.begin(
        "until-denied",
        r#"{"program":"sh","args":["-c","echo ran"]}"#.into(),
        Default::default(),
    );
    until("it was allowed once", || {
        bench.log.messages().iter().any(|line| line == "allowed")
    })
    .await;
    assert!(bench.runtime.set_grants(&bench.id, &GrantSet::default()));
    let denied = reply(running.await.expect("no panic"));
    assert_eq!(denied["err"]["denied"]["capability"], "process:sh");
    // It stays the same loading.
    assert_eq!(bench.json("uuid", "").await, uuid);
}

#[tokio::test]
async fn nothing_can_be_granted_to_what_is_not_loaded() {
    let bench = Bench::plain().await;
    let other = "other".parse().expect("an id");
    assert!(!bench.runtime.set_grants(&other, &grants(&["process:sh"])));
    assert_eq!(bench.runtime.held(&other), None);
}
