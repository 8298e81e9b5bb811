//! `held` and `check`: what is not known is not held.

use serde_json::{Value, json};

use crate::bench::{Bench, Setup, reply};

const SH: &str = "[[process]]\nprogram = \"sh\"\nargs = [\"-c\", \"**\"]";

fn setup() -> Setup {
    Bench::setup()
        .without_sandbox()
        .manifest(SH)
        .manifest("[config.limit]\ntype = \"integer\"")
}

async fn check(bench: &Bench, uuid: &str, name: &str) -> Value {
    let query = json!({"uuid": uuid, "name": name});
    bench.json("check", &query.to_string()).await
}

#[tokio::test]
async fn nothing_is_held_without_a_grant() {
    let bench = setup().start().await;
    assert_eq!(
        bench.json("held", "").await,
        json!([{"name": "config:limit", "scope": "integer"}])
    );
    let uuid = bench.json("uuid", "").await;
    let uuid = uuid.as_str().expect("a uuid");
    assert_eq!(check(&bench, uuid, "process:sh").await, false);
}

#[tokio::test]
async fn what_is_asked_for_and_granted_is_held() {
    let bench = setup()
        .grant("process:sh -c true")
        .grant("process:git")
        .grant("workspace:write")
        .start()
        .await;
    assert_eq!(
        bench.json("held", "").await,
        json!([
            {"name": "config:limit", "scope": "integer"},
            {"name": "process:sh", "scope": "sh -c true"},
        ])
    );
    let held = bench.runtime.held(&bench.id).expect("loaded");
    let names: Vec<_> = held.iter().map(|held| held.name.as_str()).collect();
    assert_eq!(names, ["config:limit", "process:sh"]);
}

#[tokio::test]
async fn the_check_knows_exact_names_of_loaded_capsules_only() {
    let bench = setup().grant("process:sh").start().await;
    let other = bench.also(&Bench::setup(), "other").await.expect("loaded");
    let own = bench.runtime.uuid(&bench.id).expect("loaded").to_string();
    let others = bench.runtime.uuid(&other).expect("loaded").to_string();
    assert_eq!(bench.json("uuid", "").await, own);
    for name in ["process:sh", "config:limit"] {
        assert_eq!(check(&bench, &own, name).await, true, "{name}");
        assert_eq!(check(&bench, &others, name).await, false, "{name}");
    }
    for name in [
        "",
        "process:",
        "process:git",
        "sh",
        "process:sh ",
        "PROCESS:SH",
        "process:*",
    ] {
        assert_eq!(check(&bench, &own, name).await, false, "{name}");
    }
    let unknown = "00000000-0000-4000-8000-000000000000";
    for uuid in [unknown, "", "guests", "not a uuid", &own[1..], "../../etc"] {
        assert_eq!(check(&bench, uuid, "process:sh").await, false, "{uuid}");
    }
    // Asked by the other capsule, the answers are the same.
    let query = json!({"uuid": own, "name": "process:sh"}).to_string();
    let call = bench
        .runtime
        .invoke(&other, "check", query.into_bytes(), Default::default());
    assert_eq!(reply(call.await), true);
}

#[tokio::test]
async fn an_unloaded_capsule_holds_nothing() {
    let bench = setup().grant("process:sh").start().await;
    let other = bench
        .also(&setup().grant("process:sh"), "other")
        .await
        .expect("loaded");
    let uuid = bench.runtime.uuid(&other).expect("loaded").to_string();
    assert_eq!(check(&bench, &uuid, "process:sh").await, true);
    assert!(bench.runtime.unload(&other));
    assert_eq!(check(&bench, &uuid, "process:sh").await, false);
    assert!(!bench.runtime.unload(&other));
}
