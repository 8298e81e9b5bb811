//! Programs that are driven while they run: line by line, and by a protocol.

use std::fs;
use std::path::PathBuf;

use boll_host::CallOptions;
use boll_host::capsule::CapsuleId;
use serde_json::{Value, json};

use super::{code, spawn_sh, step, until_said, writing};
use crate::bench::{Bench, reply};
use crate::support::guests::{guests, process_only};
use crate::support::language_server::language_server_in;

/// Calls the same action of the capsule that reads streams, and of the one that
/// has none.
async fn both(program: &str, action: &str, session: Value, check: impl Fn(Value)) {
    let setup = || Bench::setup().program(program);
    let bench = setup().start().await;
    let payload = session.to_string().into_bytes();
    let components: [(&str, PathBuf); 2] =
        [("streams", guests().to_owned()), ("rings", process_only())];
    for (id, component) in components {
        let component = fs::read(component).expect("a component");
        let load = setup().load_of(id, component);
        let id: CapsuleId = bench.runtime.load(load).await.expect("loaded");
        let outcome = bench
            .runtime
            .invoke(&id, action, payload.clone(), CallOptions::default())
            .await;
        check(reply(outcome));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interpreter_answers_line_by_line() {
    let session = json!({
        "program": "python3",
        "args": ["-i", "-u", "-q"],
        "lines": ["x = 20; print(x + 22)", "print('ünï')", "print(x)"],
    });
    both("python3", "repl", session, |answer| {
        assert_eq!(
            answer,
            json!({"answers": ["42\n", "ünï\n", "20\n"], "rest": "", "code": 0})
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copier_answers_line_by_line() {
    let session = json!({"program": "cat", "lines": ["one", "", "three"]});
    both("cat", "repl", session, |answer| {
        assert_eq!(
            answer,
            json!({"answers": ["one\n", "\n", "three\n"], "rest": "", "code": 0})
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_language_server_is_initialized_and_shut_down() {
    let setup = || Bench::setup().program("node");
    let bench = setup().start().await;
    let args = language_server_in(bench.workspace());
    let session = json!({"program": "node", "args": args}).to_string();
    let load = setup().load_of("rings", fs::read(process_only()).expect("a component"));
    let rings = bench.runtime.load(load).await.expect("loaded");
    for capsule in [&bench.id, &rings] {
        let payload = session.clone().into_bytes();
        let call =
            bench
                .runtime
                .invoke(capsule, "language-server", payload, CallOptions::default());
        let answer = reply(call.await);
        let capabilities = &answer["initialize"]["result"]["capabilities"];
        assert_eq!(capabilities["hoverProvider"], true, "{answer}");
        assert_eq!(answer["shutdown"]["result"], Value::Null);
        assert!(answer["shutdown"].get("error").is_none(), "{answer}");
        assert_eq!(answer["code"], 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_reads_what_is_written_when_it_is_written() {
    let bench = writing("sh").start().await;
    let write = |text: &str| json!({"do": "write", "text": text});
    let results = bench
        .steps(json!([
            spawn_sh("cat > copy; echo closed"),
            write("a\u{0}b"),
            write("ü\n"),
            step("close-stdin"),
            until_said("closed\n"),
            step("close-stdin"),
            write("late"),
            step("wait"),
        ]))
        .await;
    assert_eq!(results[1]["ok"], 3);
    assert_eq!(results[2]["ok"], 3);
    assert_eq!(results[4]["ok"]["found"], true, "{results:?}");
    assert_eq!(results[5], json!({"ok": null}), "closing again");
    assert_eq!(results[6], json!({"err": "closed"}));
    assert_eq!(results[7]["ok"], code(0));
    let copy = fs::read(bench.workspace().join("copy")).expect("written");
    assert_eq!(copy, "a\u{0}bü\n".as_bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn writing_waits_for_a_full_pipe_no_longer_than_it_may() {
    let bench = Bench::with_program("sh").await;
    let results = bench
        .steps(json!([
            spawn_sh("exec sleep 100"),
            {"do": "write", "bytes": 4_000_000, "timeout_ms": 300},
            {"do": "write", "bytes": 1, "timeout_ms": 50},
            step("kill"),
            {"do": "write", "bytes": 1},
        ]))
        .await;
    let taken = results[1]["ok"].as_u64().expect("a number");
    assert!(taken > 0 && taken < 4_000_000, "{taken}");
    assert_eq!(results[2], json!({"ok": 0}));
    assert_eq!(results[4], json!({"err": "closed"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_pipe_is_written_to() {
    let bench = Bench::with_program("sh").await;
    let results = bench
        .steps(json!([
            {"do": "spawn", "command": {"program": "sh", "args": ["-c", "cat"], "stdin": "given"}},
            {"do": "write", "text": "more"},
            step("close-stdin"),
            step("wait"),
            step("read"),
        ]))
        .await;
    assert_eq!(results[1], json!({"err": "wrong-stream"}));
    assert_eq!(results[2], json!({"err": "wrong-stream"}));
    assert_eq!(results[3]["ok"], code(0));
    assert_eq!(results[4]["ok"]["text"], "given");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_judged_before_it_is_spawned() {
    let bench = Bench::with_program("sh").await;
    let spawn = |program: &str| json!({"do": "spawn", "command": {"program": program}});
    let results = bench
        .steps(json!([
            spawn("touch"),
            spawn(""),
            {"do": "spawn", "command": {"program": "sh", "stdout": "ring:0"}},
            step("list"),
        ]))
        .await;
    assert_eq!(results[0]["err"]["denied"]["capability"], "process:touch");
    assert!(results[1]["err"]["invalid"].is_string(), "{results:?}");
    assert!(results[2]["err"]["invalid"].is_string(), "{results:?}");
    assert_eq!(results[3], json!({"ok": []}));
}
