//! How a child ends, who ended it, and what is known afterwards.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use super::{code, signalled, spawn_sh, step, until_said};
use crate::bench::{Bench, sh};
use crate::support::{eventually, marker, processes_with};

fn signal(name: &str) -> Value {
    json!({"do": "signal", "signal": name})
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exit_is_told_as_often_as_one_asks() {
    let bench = Bench::with_program("sh").await;
    let told = bench
        .steps(json!([
            spawn_sh("read line; exit 7"),
            {"do": "wait", "timeout_ms": 0},
            {"do": "wait", "timeout_ms": 200},
            step("status"),
            step("close-stdin"),
            step("wait"),
            {"do": "wait", "timeout_ms": 0},
            step("status"),
            {"do": "stop"},
            signal("kill"),
            step("kill"),
            step("list"),
        ]))
        .await;
    assert_eq!(told[1], json!({"ok": null}));
    assert_eq!(told[2], json!({"ok": null}));
    assert_ne!(told[3]["ok"]["phase"], "exited");
    assert_eq!(told[3]["ok"]["exit"], Value::Null);
    assert_eq!(told[5]["ok"], code(7));
    assert_eq!(told[6]["ok"], code(7));
    assert_eq!(told[7]["ok"]["phase"], "exited");
    assert_eq!(told[7]["ok"]["exit"], code(7));
    assert_eq!(told[8]["ok"], code(7), "stopping comes too late");
    assert_eq!(told[9], json!({"ok": null}));
    assert_eq!(told[10]["ok"]["exit"], code(7), "killing comes too late");
    assert_eq!(told[11]["ok"][0]["phase"], "exited");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_reaches_every_process() {
    let bench = Bench::with_program("sh").await;
    let script = "trap 'echo outer' USR1; \
        sh -c 'trap \"echo inner; exit\" USR1; echo up; while :; do sleep 0.05; done' & \
        wait; wait; exit 3";
    let told = bench
        .steps(json!([
            spawn_sh(script),
            until_said("up\n"),
            signal("window-change"),
            signal("continue"),
            signal("user1"),
            step("wait"),
            {"do": "read", "cursor": 0},
        ]))
        .await;
    assert_eq!(told[5]["ok"]["status"], json!({"code": 3}), "{told:?}");
    let text = told[6]["ok"]["text"].as_str().expect("a text");
    assert!(text.contains("inner") && text.contains("outer"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_that_ends_a_child_was_asked_for() {
    let bench = Bench::with_program("sh").await;
    for (name, number) in [
        ("hangup", 1),
        ("interrupt", 2),
        ("quit", 3),
        ("kill", 9),
        ("user1", 10),
        ("user2", 12),
        ("terminate", 15),
    ] {
        let told = bench
            .steps(json!([
                spawn_sh("echo up; exec cat"),
                until_said("up\n"),
                signal(name),
                step("wait"),
            ]))
            .await;
        assert_eq!(told[3]["ok"], signalled(number), "{name}");
    }
}

/// Whether there is a process with this in its command line, and it is halted.
fn is_halted(marker: &str) -> bool {
    let processes = fs::read_dir("/proc").expect("/proc").flatten();
    let mut states = processes.filter_map(|process| {
        let command = fs::read(process.path().join("cmdline")).ok()?;
        let stat = fs::read_to_string(process.path().join("stat")).ok()?;
        let is_meant = String::from_utf8_lossy(&command).contains(marker);
        // The state stands behind the name, which is in parentheses.
        is_meant.then(|| {
            stat.rsplit(") ")
                .next()
                .is_some_and(|rest| rest.starts_with('T'))
        })
    });
    states.next().unwrap_or(false)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_is_halted_and_goes_on() {
    let bench = Bench::with_program("sh").await;
    let marker = marker();
    let told = bench
        .steps(json!([
            spawn_sh(&format!(": {marker}; while read line; do echo $line; done")),
            {"do": "write", "text": "one\n"},
            until_said("one\n"),
            step("detach"),
            signal("stop"),
        ]))
        .await;
    eventually("it is halted", || is_halted(&marker));
    let told = bench
        .steps(json!([
            {"do": "attach", "id": told[3]["ok"]},
            {"do": "write", "text": "two\n"},
            {"do": "read", "cursor": 4, "timeout_ms": 300},
            signal("continue"),
            until_said("two\n"),
        ]))
        .await;
    assert_eq!(told[2]["ok"]["len"], 0);
    assert_eq!(told[4]["ok"]["found"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_asks_before_it_kills() {
    let bench = Bench::with_program("sh").await;
    let marker = marker();
    let polite = "trap 'echo bye; exit 4' INT; echo up; while :; do sleep 0.05; done";
    let told = bench
        .steps(json!([
            spawn_sh(polite),
            until_said("up\n"),
            step("stop"),
            step("read")
        ]))
        .await;
    assert_eq!(
        told[2]["ok"],
        json!({"status": {"code": 4}, "cause": "requested"})
    );
    assert_eq!(told[3]["ok"]["text"], "bye\n");

    let deaf = format!("trap '' INT TERM; echo up; while :; do sleep {marker}; done");
    let told = bench
        .steps(json!([
            spawn_sh(&deaf),
            until_said("up\n"),
            {"do": "stop", "grace_ms": 200},
        ]))
        .await;
    assert_eq!(told[2]["ok"], signalled(9));
    assert_eq!(processes_with(&marker), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn killing_gives_what_is_in_the_rings() {
    let bench = Bench::with_program("sh").await;
    let mut spawn = spawn_sh("printf abcdef; printf err >&2; cat");
    spawn["command"]["stdout"] = "ring:4".into();
    let told = bench
        .steps(json!([
            spawn,
            {"do": "read-until", "text": "f"},
            {"do": "read-until", "text": "err", "channel": "stderr"},
            step("kill"),
            step("wait"),
        ]))
        .await;
    let output = &told[3]["ok"];
    assert_eq!(output["exit"], signalled(9));
    assert_eq!(
        output["stdout"],
        json!({"text": "cdef", "len": 4, "dropped": 2})
    );
    assert_eq!(output["stderr"]["text"], "err");
    assert_eq!(told[4]["ok"], signalled(9));
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_the_handle_ends_the_whole_tree() {
    let bench = Bench::with_program("sh").await;
    let marker = marker();
    let script = format!(
        "trap '' INT TERM HUP; (setsid sh -c 'trap \"\" INT TERM HUP; sleep {marker}; :' &); \
         echo up; sleep {marker}; :"
    );
    let told = bench
        .steps(json!([
            spawn_sh(&script),
            until_said("up\n"),
            step("drop"),
            step("list"),
            // The call goes on, so that it is not its end that ends the tree.
            {"do": "sleep", "ms": 1_000},
            {"do": "spawn", "command": sh("ls /proc")},
            step("wait"),
        ]))
        .await;
    assert_eq!(told[1]["ok"]["found"], true);
    assert_eq!(told[3], json!({"ok": []}));
    eventually("no process is left", || processes_with(&marker) == 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_ends_at_its_deadline() {
    let bench = Bench::with_program("sh").await;
    let marker = marker();
    let mut spawn = spawn_sh(&format!("echo up; sleep {marker}; :"));
    spawn["command"]["timeout_ms"] = 400.into();
    let told = bench
        .steps(json!([spawn, step("wait"), {"do": "read", "cursor": 0}]))
        .await;
    assert_eq!(told[1]["ok"]["cause"], "timed-out");
    assert_eq!(told[2]["ok"]["text"], "up\n");
    assert_eq!(told[2]["ok"]["eof"], true);
    assert_eq!(processes_with(&marker), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_executed_is_an_exit() {
    let bench = Bench::setup().program("/workspace/garbage").start().await;
    let garbage = bench.write("garbage", "echo ran\n");
    fs::set_permissions(garbage, fs::Permissions::from_mode(0o755)).expect("chmod");
    let told = bench
        .steps(json!([
            {"do": "spawn", "command": {"program": "/workspace/garbage"}},
            step("wait"),
            step("read"),
        ]))
        .await;
    let failure = &told[1]["ok"]["status"]["launch-failed"];
    assert_eq!(
        (&failure["step"], &failure["errno"]),
        (&"exec".into(), &8.into())
    );
    assert_eq!(
        (&told[2]["ok"]["len"], &told[2]["ok"]["eof"]),
        (&0.into(), &true.into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_child_used_is_told() {
    let bench = Bench::with_program("sh").await;
    let busy = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo done; read line";
    let told = bench
        .steps(json!([
            spawn_sh(busy),
            {"do": "read-until", "text": "done\n", "timeout_ms": 50_000},
            step("close-stdin"),
            step("wait"),
            step("status"),
        ]))
        .await;
    let status = &told[4]["ok"];
    assert!(status["cpu_ms"].as_u64() > Some(0), "{told:?}");
    assert!(status["peak_memory"].as_u64() > Some(100_000), "{told:?}");
}
