//! How many children a capsule may have, and how much is kept of them.

use serde_json::{Value, json};

use super::{named, spawn_sh, spawn_sh_kept, step};
use crate::bench::Bench;

const CHILDREN: usize = 8;
const RING: u64 = 64 << 20;

fn is_spawned(result: &Value) -> bool {
    *result == json!({"ok": null})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capsule_has_so_many_live_children() {
    let bench = Bench::with_program("sh").await;
    let spawn = |index: usize| named(spawn_sh("exec cat"), &index.to_string());
    let mut steps: Vec<Value> = (0..=CHILDREN).map(spawn).collect();
    steps.push(named(step("kill"), "0"));
    // The place is free when the end is told.
    steps.push(spawn(CHILDREN));
    let results = bench.steps(steps.into()).await;
    assert!(results[..CHILDREN].iter().all(is_spawned), "{results:?}");
    assert_eq!(results[CHILDREN], json!({"err": {"too-many": CHILDREN}}));
    assert!(is_spawned(&results[CHILDREN + 2]), "{results:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_capsule_has_its_own() {
    let bench = Bench::with_program("sh").await;
    let other = bench
        .also(&Bench::setup().program("sh"), "other")
        .await
        .expect("loaded");
    let mut steps: Vec<Value> = (0..CHILDREN)
        .map(|index| named(spawn_sh("exec cat"), &index.to_string()))
        .collect();
    steps.extend((0..CHILDREN).map(|index| named(step("detach"), &index.to_string())));
    let results = bench.steps(steps.into()).await;
    assert!(results[..CHILDREN].iter().all(is_spawned), "{results:?}");
    let one = json!([spawn_sh("exec cat")]);
    assert_eq!(
        bench.steps(one.clone()).await[0],
        json!({"err": {"too-many": CHILDREN}}),
        "detached ones count"
    );
    let call = bench.runtime.invoke(
        &other,
        "children",
        one.to_string().into_bytes(),
        Default::default(),
    );
    assert!(is_spawned(&crate::bench::reply(call.await)[0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn rings_are_bounded_each_and_together() {
    let bench = Bench::with_program("sh").await;
    let spawn = |index: usize, bytes: u64| {
        let mut step = spawn_sh_kept("exec cat", &format!("ring:{bytes}"));
        step["command"]["stderr"] = "null".into();
        named(step, &index.to_string())
    };
    let results = bench
        .steps(json!([
            spawn(0, RING + 1),
            spawn(1, RING),
            spawn(2, RING),
            spawn(3, RING),
            spawn(4, RING),
            spawn(5, 1),
            named(step("drop"), "1"),
            spawn(6, RING),
        ]))
        .await;
    let over = &results[0]["err"]["too-large"];
    assert_eq!(
        (&over["limit"], &over["actual"]),
        (&RING.into(), &(RING + 1).into())
    );
    assert!(results[1..=4].iter().all(is_spawned), "{results:?}");
    let over = &results[5]["err"]["too-large"];
    assert_eq!(over["limit"], 4 * RING, "{results:?}");
    assert!(is_spawned(&results[7]), "{results:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_is_bounded() {
    let bench = Bench::with_program("sh").await;
    let limit = 10 << 20;
    let results = bench
        .steps(json!([
            spawn_sh("wc -c"),
            {"do": "write", "bytes": limit + 1},
            {"do": "write", "bytes": limit},
            step("close-stdin"),
            step("wait"),
            step("read"),
        ]))
        .await;
    assert_eq!(results[1], json!({"err": {"too-large": limit}}));
    assert_eq!(results[2], json!({"ok": limit}));
    assert_eq!(results[5]["ok"]["text"], format!("{limit}\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn ended_children_are_bounded_until_they_are_released() {
    const UNRELEASED: usize = 64;
    let bench = Bench::with_program("true").await;
    let mut steps = Vec::new();
    for index in 0..UNRELEASED {
        let child = index.to_string();
        let command = json!({"program": "true", "stdout": "null", "stderr": "null"});
        steps.push(named(json!({"do": "spawn", "command": command}), &child));
        steps.push(named(step("wait"), &child));
    }
    let last = json!({"do": "spawn", "child": "last", "command": {"program": "true"}});
    steps.push(last.clone());
    steps.push(named(step("drop"), "0"));
    steps.push(last);
    let results = bench.steps(steps.into()).await;
    let refused = &results[2 * UNRELEASED];
    assert_eq!(*refused, json!({"err": {"too-many": UNRELEASED}}));
    assert!(is_spawned(&results[2 * UNRELEASED + 2]), "{results:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_sets_the_sizes() {
    let bench = Bench::setup()
        .program("sh")
        .processes(|settings| {
            settings.sizes.ring = 1000;
            settings.sizes.stdin = 10;
        })
        .start()
        .await;
    let cat = |stdout| {
        let mut step = spawn_sh_kept("cat", stdout);
        step["command"]["stderr"] = "null".into();
        step
    };
    let answers = bench
        .steps(json!([
            cat("ring:1001"),
            cat("ring:1000"),
            {"do": "write", "bytes": 11},
            {"do": "write", "bytes": 10},
        ]))
        .await;
    assert_eq!(answers[0]["err"]["too-large"]["limit"], 1000);
    assert_eq!(answers[2], json!({"err": {"too-large": 10}}));
    assert_eq!(answers[3], json!({"ok": 10}));
}
