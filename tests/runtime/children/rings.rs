//! Outputs that the host keeps: the newest bytes, at absolute positions.

use serde_json::{Value, json};

use super::{code, spawn_sh, spawn_sh_kept, step, until_said};
use crate::bench::Bench;

fn read(cursor: u64) -> Value {
    json!({"do": "read", "cursor": cursor})
}

fn chunk(text: &str, next: u64, dropped: u64, eof: bool) -> Value {
    let sum: u64 = text.bytes().map(u64::from).sum();
    json!({"ok": {
        "text": text, "len": text.len(), "sum": sum,
        "next": next, "dropped": dropped, "eof": eof,
    }})
}

#[tokio::test(flavor = "multi_thread")]
async fn positions_are_counted_from_the_first_byte() {
    let bench = Bench::with_program("sh").await;
    let results = bench
        .steps(json!([
            spawn_sh_kept("printf abcdef", "ring:4"),
            step("wait"),
            read(0),
            read(3),
            {"do": "read", "cursor": 2, "max": 2},
            read(6),
            read(0),
        ]))
        .await;
    assert_eq!(results[1]["ok"], code(0));
    assert_eq!(results[2], chunk("cdef", 6, 2, true));
    assert_eq!(results[3], chunk("def", 6, 0, true));
    assert_eq!(results[4], chunk("cd", 4, 0, false), "more will follow");
    assert_eq!(results[5], chunk("", 6, 0, true));
    assert_eq!(results[6], chunk("cdef", 6, 2, true), "nothing was taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_are_bytes() {
    let bench = Bench::with_program("sh").await;
    let results = bench
        .steps(json!([
            spawn_sh("printf '\\000\\377\\200\\r\\n'"),
            step("wait"),
            read(0),
        ]))
        .await;
    assert_eq!(results[2]["ok"]["len"], 5);
    assert_eq!(results[2]["ok"]["sum"], 255 + 128 + 13 + 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_outputs_have_a_ring() {
    let bench = Bench::with_program("sh").await;
    let results = bench
        .steps(json!([
            spawn_sh("echo out; echo err >&2"),
            step("wait"),
            {"do": "read", "channel": "stdout"},
            {"do": "read", "channel": "stderr"},
        ]))
        .await;
    assert_eq!(results[2], chunk("out\n", 4, 0, true));
    assert_eq!(results[3], chunk("err\n", 4, 0, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_waits_for_a_byte_no_longer_than_it_may() {
    let bench = Bench::with_program("sh").await;
    let results = bench
        .steps(json!([
            spawn_sh("cat; sleep 100"),
            {"do": "read", "timeout_ms": 0},
            {"do": "read", "timeout_ms": 100},
            {"do": "write", "text": "x"},
            {"do": "read", "timeout_ms": 60_000},
            {"do": "read", "cursor": 1, "timeout_ms": 100},
        ]))
        .await;
    assert_eq!(results[1], chunk("", 0, 0, false));
    assert_eq!(results[2], chunk("", 0, 0, false));
    assert_eq!(results[4], chunk("x", 1, 0, false));
    assert_eq!(results[5], chunk("", 1, 0, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_comes_with_the_end_of_the_child() {
    let bench = Bench::with_program("sh").await;
    let results = bench
        .steps(json!([
            // It closes its output long before it ends.
            spawn_sh("echo here; exec >&- 2>&-; read line"),
            until_said("here\n"),
            {"do": "read", "timeout_ms": 300},
            {"do": "write", "text": "go\n"},
            step("wait"),
            step("read"),
        ]))
        .await;
    assert_eq!(results[2], chunk("", 5, 0, false), "{results:?}");
    assert_eq!(results[4]["ok"], code(0));
    assert_eq!(results[5], chunk("", 5, 0, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_bounded_and_counted_while_it_is_read() {
    const ALL: u64 = 50_000_000;
    let bench = Bench::with_program("sh").await;
    let flood = format!("head -c {ALL} /dev/zero; printf end");
    let results = bench
        .steps(json!([
            spawn_sh_kept(&flood, "ring:65536"),
            {"do": "read-until", "text": "end", "quiet": true, "timeout_ms": 50_000},
            step("wait"),
            read(0),
        ]))
        .await;
    let said = &results[1]["ok"];
    let number = |value: &Value| value.as_u64().expect("a number");
    assert_eq!(number(&said["len"]) + number(&said["dropped"]), ALL + 3);
    assert_eq!(number(&said["next"]), ALL + 3);
    let kept = &results[3]["ok"];
    assert_eq!(kept["len"], 65_536);
    assert_eq!(number(&kept["dropped"]), ALL + 3 - 65_536);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_ring_is_read_by_position() {
    let bench = Bench::with_program("sh").await;
    for kept in ["null", "log", "stream"] {
        let results = bench
            .steps(json!([
                spawn_sh_kept("echo x", kept),
                {"do": "read", "timeout_ms": 100},
            ]))
            .await;
        assert_eq!(results[1], json!({"err": "wrong-stream"}), "{kept}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_go_to_the_log_while_the_child_runs() {
    let bench = Bench::with_program("sh").await;
    bench
        .steps(json!([
            spawn_sh_kept("echo first; printf last", "log"),
            step("wait"),
        ]))
        .await;
    let lines = bench.logged().await;
    let messages: Vec<_> = lines.iter().map(|line| line.message.as_str()).collect();
    assert_eq!(messages, ["first", "last"]);
}
