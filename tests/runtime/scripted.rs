//! Processes that a script plays: what a capsule sees of them, and what of a
//! script is told to whoever wrote it.

use std::time::Duration;

use boll_host::CallOptions;
use boll_host::policy::ArgsPattern;
use boll_host::sandbox::{LaunchStep, Script, ScriptFault, ScriptedEnd, ScriptedProcess};
use serde_json::{Value, json};

use crate::bench::{Bench, named, until};

/// No machine has it.
const TOOL: &str = "a-tool-that-no-machine-has";

fn tool() -> ScriptedProcess {
    ScriptedProcess::new(TOOL)
}

/// A runtime whose guests may start the tool, which is played so.
async fn playing(processes: impl IntoIterator<Item = ScriptedProcess>) -> (Bench, Script) {
    let script = Script::new(processes);
    let bench = Bench::setup().program(TOOL).script(&script).start().await;
    (bench, script)
}

/// Nothing of the script went otherwise, and nothing of it is left.
fn used_up(script: &Script) {
    assert_eq!(script.faults(), []);
    assert_eq!(script.unused(), Vec::<&ScriptedProcess>::new());
}

fn spawn() -> Value {
    json!({"do": "spawn", "command": {"program": TOOL, "stdin_pipe": true}})
}

fn step(action: &str) -> Value {
    json!({ "do": action })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_gets_what_is_scripted_in_order() {
    let only = |args: &[&str]| {
        let words: Vec<String> = args.iter().map(|&word| word.to_owned()).collect();
        tool().args(ArgsPattern::try_from(words).expect("a pattern"))
    };
    let (bench, script) = playing([
        only(&["log", "**"])
            .stdout("first")
            .stderr("complaint")
            .end(ScriptedEnd::Code(7)),
        only(&["log", "-1"])
            .stdout("second")
            .end(ScriptedEnd::Signal(9)),
        tool().times(2),
    ])
    .await;
    let mut outputs = Vec::new();
    for args in [
        vec!["log", "-1"],
        vec!["log", "-1"],
        vec!["log", "-1"],
        vec![],
    ] {
        let reply = bench.run(json!({"program": TOOL, "args": args})).await;
        let output = &reply["ok"];
        let texts = ["stdout", "stderr"].map(|name| output[name]["text"].clone());
        outputs.push((output["exit"]["status"].clone(), texts));
    }
    let texts = |stdout: &str, stderr: &str| [stdout, stderr].map(Value::from);
    assert_eq!(
        outputs,
        [
            (json!({"code": 7}), texts("first", "complaint")),
            (json!({"signal": 9}), texts("second", "")),
            (json!({"code": 0}), texts("", "")),
            (json!({"code": 0}), texts("", "")),
        ]
    );
    used_up(&script);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_nothing_is_left_for_is_refused_and_told() {
    let (bench, script) = playing([tool()]).await;
    let command = json!({"program": TOOL, "args": ["a b"]});
    assert!(bench.run(command.clone()).await["ok"].is_object());
    let refused = bench.run(command).await;
    let text = refused["err"]["host"]
        .as_str()
        .expect("an error of the host's");
    assert_eq!(
        text,
        format!("no scripted process is left for `{TOOL} 'a b'`")
    );
    let fault = ScriptFault::Unanswered {
        program: TOOL.to_owned(),
        args: vec!["a b".to_owned()],
    };
    assert_eq!(script.faults(), [fault]);
}

#[tokio::test(flavor = "multi_thread")]
async fn policy_decides_by_the_name_and_a_missing_program_is_not_found() {
    let elsewhere = ScriptedProcess::new("/usr/bin/sh");
    let script = Script::without([elsewhere], ["gone".to_owned()]);
    let setup = Bench::setup().program("sh").program("gone");
    let bench = setup.script(&script).start().await;
    let denied = bench.run(json!({"program": "/usr/bin/sh"})).await;
    assert_eq!(denied["err"]["denied"]["capability"], "process:/usr/bin/sh");
    let gone = bench.run(json!({"program": "gone"})).await;
    assert!(gone["err"]["not-found"].is_string(), "{gone}");
    assert_eq!(script.faults(), []);
    assert_eq!(script.unused().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_talks_line_by_line() {
    let (bench, script) = playing([tool()
        .stdout("> ")
        .exchange("1 + 1\n", "2\n> ")
        .exchange("2 + 2\n", "4\n> ")
        .stays()])
    .await;
    let session = json!({"program": TOOL, "lines": ["1 + 1", "2 + 2"]});
    let answer = bench.json("repl", &session.to_string()).await;
    assert_eq!(
        answer,
        json!({"answers": ["> 2\n", "> 4\n"], "rest": "> ", "code": 0})
    );
    used_up(&script);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_otherwise_is_told() {
    let (bench, script) = playing([
        tool().exchange("right\n", "never"),
        tool().exchange("right\n", "").stays(),
        tool().exchange("long enough", ""),
    ])
    .await;
    for (stdin, code) in [("wrong\n", 1), ("right\nand more", 1), ("long", 1)] {
        let reply = bench.run(json!({"program": TOOL, "stdin": stdin})).await;
        assert_eq!(
            reply["ok"]["exit"]["status"],
            json!({ "code": code }),
            "{reply}"
        );
        assert_eq!(reply["ok"]["stdout"]["text"], "");
    }
    let deviated = |expected: &str, found: &str| ScriptFault::Deviated {
        program: TOOL.to_owned(),
        expected: expected.into(),
        found: found.into(),
    };
    assert_eq!(
        script.faults(),
        [
            deviated("right\n", "wrong\n"),
            deviated("", "and more"),
            deviated("long enough", "long"),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_is_signalled_stopped_and_killed() {
    let (bench, script) = playing([tool().stays().times(4)]).await;
    let signalled = |signal: u8| json!({"status": {"signal": signal}, "cause": "requested"});
    let results = bench
        .steps(json!([
            spawn(),
            {"do": "signal", "signal": "continue"},
            {"do": "wait", "timeout_ms": 1},
            {"do": "signal", "signal": "user1"},
            step("wait"),
            spawn(),
            {"do": "wait", "timeout_ms": 1},
            step("stop"),
            spawn(),
            step("kill"),
            spawn(),
            step("close-stdin"),
            step("wait"),
        ]))
        .await;
    // SIGCONT ends nothing.
    assert_eq!(results[2]["ok"], Value::Null);
    assert_eq!(results[4]["ok"], signalled(10));
    assert_eq!(results[6]["ok"], Value::Null);
    assert_eq!(results[7]["ok"], signalled(2));
    assert_eq!(results[9]["ok"]["exit"], signalled(9));
    assert_eq!(
        results[12]["ok"],
        json!({"status": {"code": 0}, "cause": "own"})
    );
    used_up(&script);
}

#[tokio::test(flavor = "multi_thread")]
async fn deadlines_and_cancelling_end_what_stays() {
    let (bench, script) = playing([tool().stays(), tool().stdout("begun\n").stays()]).await;
    let late = bench.run(json!({"program": TOOL, "timeout_ms": 20})).await;
    assert_eq!(late["ok"]["exit"]["cause"], "timed-out");
    let command = json!({"program": TOOL, "stdout": "log"});
    let call = bench.begin("run", command.to_string(), named("c-1"));
    until("it logs", || {
        bench.log.messages().contains(&"begun".to_owned())
    })
    .await;
    assert_eq!(bench.runtime.cancel(["c-1"]), 1);
    call.await.expect("it ends").expect_err("it is cancelled");
    used_up(&script);
    // Waits for all that was played.
    tokio::time::timeout(Duration::from_secs(10), bench.runtime.shut_down())
        .await
        .expect("nothing is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_step_that_failed_is_told() {
    let steps = [
        (LaunchStep::Sandbox, "sandbox", "cannot set up the process"),
        (LaunchStep::Cwd, "cwd", "cannot enter `/workspace`"),
        (LaunchStep::Limits, "limits", "cannot set the limits"),
        (
            LaunchStep::Filter,
            "filter",
            "cannot install the system call filter",
        ),
        (
            LaunchStep::Exec,
            "exec",
            &format!("cannot execute `{TOOL}`"),
        ),
    ];
    let failing = |step| tool().end(ScriptedEnd::NotStarted { step, errno: 12 });
    let (bench, script) = playing(steps.map(|(step, ..)| failing(step))).await;
    for (_, step, words) in steps {
        let reply = bench.run(json!({ "program": TOOL })).await;
        let failure = &reply["ok"]["exit"]["status"]["launch-failed"];
        assert_eq!(failure["step"], step, "{reply}");
        assert_eq!(failure["errno"], 12, "{reply}");
        let message = failure["message"].as_str().expect("a message");
        assert!(message.starts_with(words), "{message}");
    }
    used_up(&script);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_is_starting_until_its_sandbox_is_there() {
    let slow = || tool().starts_after(Duration::from_millis(200));
    let (bench, script) = playing([slow(), slow().stdout("never").times(2)]).await;
    let phases = bench
        .steps(json!([
            spawn(),
            step("status"),
            step("wait"),
            step("status")
        ]))
        .await;
    assert_eq!(phases[1]["ok"]["phase"], "starting", "{phases:?}");
    assert_eq!(phases[2]["ok"]["status"], json!({ "code": 0 }));
    assert_eq!(phases[3]["ok"]["phase"], "exited");

    // It may be ended before it has begun.
    let ended = bench.steps(json!([spawn(), step("kill")])).await;
    assert_eq!(
        ended[1]["ok"]["exit"]["status"],
        json!({ "signal": 9 }),
        "{ended:?}"
    );
    assert_eq!(ended[1]["ok"]["stdout"]["text"], "");
    let late = bench.run(json!({"program": TOOL, "timeout_ms": 20})).await;
    assert_eq!(late["ok"]["exit"]["cause"], "timed-out", "{late}");
    used_up(&script);
}

/// However soon it is killed: a case has one outcome on a busy machine, too.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_child_does_first_is_done_before_a_signal_reaches_it() {
    const TIMES: u32 = 200;
    let (bench, script) = playing([tool().stdout("begun").stays().times(TIMES)]).await;
    for _ in 0..TIMES {
        let killed = bench.steps(json!([spawn(), step("kill")])).await;
        assert_eq!(killed[1]["ok"]["stdout"]["text"], "begun", "{killed:?}");
    }
    used_up(&script);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_before_it_was_written_all_is_told() {
    let (bench, script) = playing([tool().exchange("never", "")]).await;
    let reply = bench.steps(json!([spawn(), step("kill")])).await;
    assert!(reply[1]["ok"].is_object(), "{reply:?}");
    let unsaid = ScriptFault::Unsaid {
        program: TOOL.to_owned(),
        expected: "never".into(),
    };
    assert_eq!(script.faults(), [unsaid]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reads_what_is_more_than_a_pipe_holds() {
    let large = vec![b'x'; 3 << 20];
    let (bench, script) = playing([tool().stdout(large)]).await;
    let ring = format!("ring:{}", 4 << 20);
    let reply = bench
        .run(json!({"program": TOOL, "stdout": ring, "stderr": "null"}))
        .await;
    assert_eq!(
        reply["ok"]["stdout"]["len"],
        3 << 20,
        "{:.300}",
        reply.to_string()
    );
    used_up(&script);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_processes_is_limited_as_ever() {
    let script = Script::new([tool().stays().times(2)]);
    let setup = Bench::setup().program(TOOL).script(&script);
    let bench = setup
        .processes(|settings| settings.children = 1)
        .start()
        .await;
    let mut second = spawn();
    second["child"] = "second".into();
    let results = bench.steps(json!([spawn(), second, step("kill")])).await;
    assert_eq!(results[1]["err"]["too-many"], 1, "{results:?}");
    let outcome = bench.call("echo", "x", CallOptions::default()).await;
    assert_eq!(
        outcome.expect("an answer"),
        boll_host::Outcome::Continue(Some("x".into()))
    );
}
