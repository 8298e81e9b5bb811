//! A child's ends as `wasi:io` streams: backpressure, readiness, ends.

use serde_json::{Value, json};

use super::{code, named, spawn_sh, spawn_sh_kept, step, until_said, writing};
use crate::bench::Bench;

fn take(end: &str) -> Value {
    json!({"do": "take-stream", "end": end})
}

fn poll(on: &[&str], timeout_ms: u32) -> Value {
    json!({"do": "poll", "on": on, "timeout_ms": timeout_ms})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_loses_nothing() {
    const ALL: u64 = 20_000_000;
    let bench = Bench::with_program("sh").await;
    let script = format!("head -c {ALL} /dev/zero | tr '\\000' a");
    for max in [65_536, 4_096] {
        let results = bench
            .steps(json!([
                spawn_sh_kept(&script, "stream"),
                take("stdout"),
                {"do": "drain-stream", "max": max},
                step("read-stream"),
                step("wait"),
            ]))
            .await;
        assert_eq!(results[2]["ok"], json!({"len": ALL, "sum": ALL * 97}));
        assert_eq!(results[3], json!({"err": "closed"}), "the end stays");
        assert_eq!(results[4]["ok"], code(0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_waits_for_the_reader_of_its_stream() {
    let bench = writing("python3").program("cat").start().await;
    bench.write(
        "writer.py",
        "import os\n\
         for count in range(64):\n\
         \x20   open('count', 'w').write(str(count))\n\
         \x20   rest = 65536\n\
         \x20   while rest: rest -= os.write(1, b'x' * rest)\n",
    );
    let count = |child: &str| {
        [
            named(
                json!({"do": "spawn", "command": {"program": "cat", "args": ["count"]}}),
                child,
            ),
            named(step("wait"), child),
            named(step("read"), child),
        ]
    };
    let mut steps = vec![
        json!({"do": "spawn", "command": {
            "program": "python3", "args": ["writer.py"], "stdout": "stream",
        }}),
        take("stdout"),
        poll(&["stdout"], 20_000),
        json!({"do": "sleep", "ms": 700}),
    ];
    steps.extend(count("first"));
    steps.push(json!({"do": "sleep", "ms": 300}));
    steps.extend(count("second"));
    steps.extend([step("drain-stream"), step("wait")]);
    let results = bench.steps(steps.into()).await;
    let told = |index: usize| {
        let text = results[index]["ok"]["text"].as_str();
        let count: u32 = text.and_then(|text| text.parse().ok()).expect("a count");
        count
    };
    assert_eq!(results[2], json!({"ok": ["stdout"]}));
    assert!(told(6) < 32, "it wrote {} portions to nobody", told(6));
    assert!(told(10) < 32, "it wrote {} portions to nobody", told(10));
    assert_eq!(results[11]["ok"]["len"], 64 * 65_536);
    assert_eq!(results[12]["ok"], code(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pollable_is_ready_when_it_has_happened_and_not_before() {
    let bench = Bench::with_program("sh").await;
    let results = bench
        .steps(json!([
            spawn_sh_kept("read line; echo $line; read line", "stream"),
            take("stdout"),
            poll(&["exited", "stdout"], 300),
            {"do": "read-stream", "blocking": false},
            {"do": "write", "text": "hello\n"},
            poll(&["exited", "stdout"], 20_000),
            step("read-stream"),
            poll(&["exited", "stdout"], 300),
            step("close-stdin"),
            poll(&["exited"], 20_000),
            {"do": "status"},
            poll(&["exited"], 0),
            poll(&["stdout"], 20_000),
            {"do": "read-stream", "blocking": false},
        ]))
        .await;
    assert_eq!(results[2], json!({"ok": []}));
    assert_eq!(results[3]["ok"]["len"], 0);
    assert_eq!(results[5], json!({"ok": ["stdout"]}));
    assert_eq!(results[6]["ok"]["text"], "hello\n");
    assert_eq!(results[7], json!({"ok": []}));
    assert_eq!(results[9], json!({"ok": ["exited"]}));
    assert_eq!(results[10]["ok"]["phase"], "exited");
    assert_eq!(results[11], json!({"ok": ["exited"]}), "it stays ready");
    assert_eq!(results[12], json!({"ok": ["stdout"]}), "an end is an event");
    assert_eq!(results[13], json!({"err": "closed"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_end_is_taken_once_and_only_as_it_is_kept() {
    let bench = Bench::with_program("sh").await;
    let results = bench
        .steps(json!([
            spawn_sh_kept("cat", "stream"),
            take("stdout"),
            take("stdout"),
            take("stderr"),
            take("stdin"),
            take("stdin"),
            {"do": "write", "text": "x"},
            {"do": "read", "timeout_ms": 100},
            {"do": "spawn", "child": "other", "command": {"program": "sh", "args": ["-c", "exit"]}},
            {"do": "take-stream", "child": "other", "end": "stdin"},
        ]))
        .await;
    assert_eq!(results[1], json!({"ok": null}));
    assert_eq!(results[4], json!({"ok": null}));
    for wrong in [2, 3, 5, 6, 7, 9] {
        assert_eq!(
            results[wrong],
            json!({"err": "wrong-stream"}),
            "step {wrong}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stdin_is_a_stream_too() {
    let bench = Bench::with_program("sh").await;
    let results = bench
        .steps(json!([
            spawn_sh("wc -c"),
            take("stdin"),
            {"do": "write-stream", "bytes": 5_000_000},
            {"do": "drop-stream", "end": "stdin"},
            step("wait"),
            step("read"),
        ]))
        .await;
    assert_eq!(results[2], json!({"ok": 5_000_000}));
    assert_eq!(results[4]["ok"], code(0));
    assert_eq!(results[5]["ok"]["text"], "5000000\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_stdin_is_not_ready_until_it_is_read() {
    let bench = Bench::with_program("sh").await;
    let results = bench
        .steps(json!([
            spawn_sh("trap 'exec wc -c' USR1; echo ready; while :; do sleep 0.05; done"),
            take("stdin"),
            until_said("ready\n"),
            {"do": "write-stream", "bytes": 4_000_000, "timeout_ms": 300},
            poll(&["stdin"], 300),
            {"do": "signal", "signal": "user1"},
            poll(&["stdin"], 20_000),
            {"do": "drop-stream", "end": "stdin"},
            step("wait"),
            step("read"),
        ]))
        .await;
    let taken = results[3]["ok"].as_u64().expect("a number");
    assert!(taken > 0 && taken < 4_000_000, "{taken}");
    assert_eq!(results[4], json!({"ok": []}));
    assert_eq!(results[6], json!({"ok": ["stdin"]}));
    assert_eq!(results[8]["ok"], code(0));
    assert_eq!(
        results[9]["ok"]["text"],
        format!("{taken}\n"),
        "all that was taken arrives"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_nobody_reads_any_more_ends_its_writer() {
    let bench = Bench::with_program("yes").await;
    let results = bench
        .steps(json!([
            {"do": "spawn", "command": {"program": "yes", "stdout": "stream"}},
            take("stdout"),
            step("read-stream"),
            {"do": "drop-stream", "end": "stdout"},
            step("wait"),
        ]))
        .await;
    assert!(results[2]["ok"]["len"].as_u64() > Some(0));
    assert_eq!(
        results[4]["ok"],
        json!({"status": {"signal": 13}, "cause": "own"})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_is_gone_closes_stdin() {
    let bench = Bench::with_program("sh").await;
    let results = bench
        .steps(json!([
            spawn_sh("exec true"),
            take("stdin"),
            step("wait"),
            {"do": "write-stream", "text": "x"},
            poll(&["stdin"], 20_000),
        ]))
        .await;
    assert_eq!(results[3], json!({"err": "closed"}));
    assert_eq!(results[4], json!({"ok": ["stdin"]}), "an end is an event");
}
