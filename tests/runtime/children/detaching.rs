//! Children that outlive their call, and who finds them again.

use boll_host::CallOptions;
use serde_json::{Value, json};

use super::{code, spawn_sh, step, until_said};
use crate::bench::{Bench, named, reply, results};
use crate::support::{eventually, marker, processes_with};

/// Starts a script, detaches it, and gives its id.
async fn detached(bench: &Bench, script: &str, options: CallOptions) -> String {
    let steps = json!([spawn_sh(script), step("detach")]);
    let reply = reply(bench.call("children", &steps.to_string(), options).await);
    reply[1]["ok"].as_str().expect("an id").to_owned()
}

fn attach(id: &str) -> Value {
    json!({"do": "attach", "id": id})
}

fn principal(name: &str) -> CallOptions {
    CallOptions {
        principal: Some(name.into()),
        ..CallOptions::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_detached_child_is_driven_by_later_calls() {
    let bench = Bench::with_program("sh").await;
    let script = "while read line; do echo \"<$line>\"; done; exit 7";
    let id = detached(&bench, script, CallOptions::default()).await;
    for word in ["one", "two"] {
        let said = bench
            .steps(json!([
                attach(&id),
                {"do": "write", "text": format!("{word}\n")},
                until_said(&format!("<{word}>\n")),
                step("id"),
            ]))
            .await;
        assert_eq!(said[2]["ok"]["found"], true, "{said:?}");
        assert_eq!(said[3]["ok"], id.as_str());
    }
    let listed = bench.steps(json!([step("list")])).await;
    let summary = &listed[0]["ok"][0];
    assert_eq!(summary["id"], id.as_str());
    assert_eq!(summary["program"], "sh");
    assert_eq!(
        (&summary["phase"], &summary["detached"]),
        (&"running".into(), &true.into())
    );

    let ended = bench
        .steps(json!([attach(&id), step("close-stdin"), step("wait"), {"do": "read", "cursor": 0}]))
        .await;
    assert_eq!(ended[2]["ok"], code(7));
    assert_eq!(ended[3]["ok"]["text"], "<one>\n<two>\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_not_ones_own_looks_the_same() {
    let bench = Bench::with_program("sh").await;
    let other = bench
        .also(&Bench::setup().program("sh"), "other")
        .await
        .expect("loaded");
    let id = detached(&bench, "read line", principal("ann")).await;

    let ask = json!([attach(&id), step("list")]).to_string();
    let unknown = json!([{"err": "unknown-child"}, {"ok": []}]);
    for options in [principal("bob"), CallOptions::default()] {
        let answer = reply(bench.call("children", &ask, options).await);
        assert_eq!(answer, unknown, "another principal");
    }
    let answer = bench.runtime.invoke(
        &other,
        "children",
        ask.clone().into_bytes(),
        principal("ann"),
    );
    assert_eq!(reply(answer.await), unknown, "another capsule");

    for id in ["", "x", "00000000-0000-4000-8000-000000000000", &id[1..]] {
        let steps = json!([attach(id)]).to_string();
        let answer = reply(bench.call("children", &steps, principal("ann")).await);
        assert_eq!(answer, json!([{"err": "unknown-child"}]), "{id}");
    }
    let own = reply(bench.call("children", &ask, principal("ann")).await);
    assert_eq!(own[0], json!({"ok": null}));
    assert_eq!(own[1]["ok"][0]["id"], id.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_detached_child_is_attached() {
    let bench = Bench::with_program("sh").await;
    let answers = bench
        .steps(json!([
            spawn_sh("echo up; read line"),
            step("id"),
            {"do": "attach", "child": "second", "of": "child"},
            step("list"),
            step("detach"),
            {"do": "attach", "child": "second", "of": "child"},
            {"do": "drop"},
            {"do": "read-until", "child": "second", "text": "up\n"},
            {"do": "status", "child": "second"},
        ]))
        .await;
    assert_eq!(answers[2], json!({"err": "unknown-child"}));
    assert_eq!(answers[3]["ok"][0]["detached"], false);
    assert_eq!(answers[4], answers[1], "one id for one child");
    assert_eq!(answers[5], json!({"ok": null}));
    assert_eq!(answers[8]["ok"]["phase"], "running");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_that_is_not_detached_ends_with_its_call() {
    let bench = Bench::with_program("sh").await;
    let marker = marker();
    let script =
        format!("trap '' INT TERM HUP; (setsid sleep {marker} &); echo up; sleep {marker}");
    let steps = json!([spawn_sh(&script), until_said("up\n")]);
    let said = bench.steps(steps).await;
    assert_eq!(said[1]["ok"]["found"], true);
    assert_eq!(processes_with(&marker), 0, "when the answer is there");
    assert_eq!(
        bench.steps(json!([step("list")])).await[0],
        json!({"ok": []})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_detached_child_ends_with_its_capsule() {
    let bench = Bench::with_program("sh").await;
    let marker = marker();
    let script = format!("trap '' INT TERM; (setsid sleep {marker} &); sleep {marker}; :");
    detached(&bench, &script, CallOptions::default()).await;
    eventually("it runs", || processes_with(&marker) >= 3);
    assert!(bench.runtime.unload(&bench.id));
    eventually("no process is left", || processes_with(&marker) == 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_detached_child_ends_with_the_runtime() {
    let bench = Bench::with_program("sh").await;
    let marker = marker();
    detached(
        &bench,
        &format!("sleep {marker}; :"),
        CallOptions::default(),
    )
    .await;
    eventually("it runs", || processes_with(&marker) >= 1);
    bench.runtime.shut_down().await;
    assert_eq!(processes_with(&marker), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_detached_child_is_cancelled_by_the_call_that_started_it() {
    let bench = Bench::with_program("sh").await;
    let (first, second) = (marker(), marker());
    let script =
        |marker: &str| format!("trap 'exit 5' INT; while :; do sleep {marker} & wait; done");
    let id = detached(&bench, &script(&first), named("a")).await;
    detached(&bench, &script(&second), named("b")).await;
    eventually("they run", || {
        processes_with(&first) >= 2 && processes_with(&second) >= 2
    });
    bench.runtime.cancel(["a"]);
    eventually("no process is left", || processes_with(&first) == 0);
    assert!(processes_with(&second) >= 2, "the other call's goes on");
    let steps = json!([attach(&id), step("wait")]).to_string();
    let exit = results(bench.json("children", &steps).await);
    assert_eq!(exit[1]["ok"]["cause"], "cancelled", "{exit:?}");
}
