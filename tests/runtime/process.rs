//! `process.run`: what a program is given, what may be started, how it ended.

use std::error::Error as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::bench::{Bench, sh};
use crate::support::{marker, processes_with};

#[tokio::test]
async fn the_exit_is_a_code_or_a_signal() {
    let bench = Bench::with_program("sh").await;
    for (script, status) in [
        ("exit 0", json!({"code": 0})),
        ("exit 7", json!({"code": 7})),
        ("exit 255", json!({"code": 255})),
        ("kill -9 $$", json!({"signal": 9})),
        ("kill -15 $$", json!({"signal": 15})),
    ] {
        let reply = bench.run(sh(script)).await;
        assert_eq!(
            reply["ok"]["exit"],
            json!({"status": status, "cause": "own"}),
            "{script}"
        );
    }
}

#[tokio::test]
async fn the_program_reads_what_it_was_given_and_then_the_end() {
    let bench = Bench::with_program("sh").await;
    let mut command = sh("cat; echo end");
    for (stdin, expected) in [
        (Value::Null, "end\n"),
        ("".into(), "end\n"),
        ("a\u{0}ü".into(), "a\u{0}üend\n"),
    ] {
        command["stdin"] = stdin;
        let reply = bench.run(command.clone()).await;
        assert_eq!(reply["ok"]["stdout"]["text"], expected);
    }
    // More than a pipe holds, to a program that does not read it.
    let large = json!({"program": "sh", "args": ["-c", "wc -c"], "stdin_bytes": 5_000_000});
    assert_eq!(bench.run(large).await["ok"]["stdout"]["text"], "5000000\n");
    let unread = json!({"program": "sh", "args": ["-c", "exit 3"], "stdin_bytes": 5_000_000});
    assert_eq!(
        bench.run(unread).await["ok"]["exit"]["status"],
        json!({"code": 3})
    );
    let over = json!({"program": "sh", "stdin_bytes": (10 << 20) + 1});
    assert_eq!(
        bench.run(over).await["err"]["too-large"],
        json!({"what": "stdin", "limit": 10 << 20, "actual": (10 << 20) + 1})
    );
}

#[tokio::test]
async fn arguments_arrive_as_they_are() {
    let bench = Bench::with_program("printf").await;
    let args = [
        "[%s]",
        "",
        "two words",
        "$HOME `x` \"'\\",
        "line\nbreak",
        "ünï",
        "--",
        "*",
    ];
    let reply = bench.run(json!({"program": "printf", "args": args})).await;
    let expected: String = args[1..].iter().map(|arg| format!("[{arg}]")).collect();
    assert_eq!(reply["ok"]["stdout"]["text"], expected);
}

#[tokio::test]
async fn only_the_arguments_that_are_asked_for_and_granted_may_be_given() {
    let bench = Bench::setup()
        .manifest("[[process]]\nprogram = \"echo\"\nargs = [\"say\", \"*\"]")
        .manifest("[[process]]\nprogram = \"echo\"\nargs = [\"all\", \"**\"]")
        .grant("process:echo say hello")
        .grant("process:echo all **")
        .start()
        .await;
    let run = |args: Value| bench.run(json!({"program": "echo", "args": args}));
    assert_eq!(
        run(json!(["say", "hello"])).await["ok"]["stdout"]["text"],
        "say hello\n"
    );
    assert_eq!(
        run(json!(["all", "a", "b"])).await["ok"]["stdout"]["text"],
        "all a b\n"
    );
    assert_eq!(run(json!(["all"])).await["ok"]["stdout"]["text"], "all\n");
    for (args, reason) in [
        (
            json!(["say", "bye"]),
            "the operator has not granted it; \"process:echo say *\" would",
        ),
        (
            json!(["say"]),
            "no [[process]] of the manifest matches these arguments",
        ),
        (
            json!(["say", "hello", "x"]),
            "no [[process]] of the manifest matches these arguments",
        ),
        (
            json!([]),
            "no [[process]] of the manifest matches these arguments",
        ),
        (
            json!(["shout"]),
            "no [[process]] of the manifest matches these arguments",
        ),
    ] {
        let denied = run(args).await;
        assert_eq!(
            denied["err"]["denied"],
            json!({"capability": "process:echo", "reason": reason})
        );
    }
}

#[tokio::test]
async fn only_programs_that_are_asked_for_and_granted_may_be_started() {
    let bench = Bench::setup()
        .manifest("[[process]]\nprogram = \"echo\"\n[[process]]\nprogram = \"cat\"")
        .grant("process:cat")
        .grant("process:sh")
        .start()
        .await;
    for (program, reason) in [
        (
            "echo",
            "the operator has not granted it; \"process:echo\" would",
        ),
        ("sh", "the manifest has no [[process]] for this program"),
        (
            "/bin/sh",
            "the manifest has no [[process]] for this program",
        ),
    ] {
        let denied = bench.run(json!({"program": program})).await;
        assert_eq!(denied["err"]["denied"]["reason"], reason, "{denied}");
    }
    for program in ["cat", "/bin/cat", "/usr/bin/cat"] {
        let ran = bench.run(json!({"program": program, "stdin": "x"})).await;
        assert_eq!(ran["ok"]["stdout"]["text"], "x", "{ran}");
    }
}

#[tokio::test]
async fn what_starts_other_programs_needs_its_own_grant() {
    let bench = Bench::with_program("cat").await;
    for (program, args) in [
        ("env", ["cat"].as_slice()),
        ("xargs", &["cat"]),
        ("sh", &["-c", "cat"]),
        ("nice", &["cat"]),
    ] {
        let command = json!({"program": program, "args": args, "stdin": "x"});
        let denied = bench.run(command).await;
        let capability = format!("process:{program}");
        assert_eq!(denied["err"]["denied"]["capability"], capability.as_str());
    }
    let ran = bench.run(json!({"program": "cat", "stdin": "x"})).await;
    assert_eq!(ran["ok"]["stdout"]["text"], "x", "{ran}");
}

#[tokio::test]
async fn only_listed_variables_may_be_set_and_nothing_else_is_there() {
    let bench = Bench::setup()
        .manifest("[[process]]\nprogram = \"env\"\nenv = [\"GREETING\", \"HOME\"]")
        .grant("process:env")
        .start()
        .await;
    let run = |env: Value| bench.run(json!({"program": "env", "env": env}));
    let reply = run(json!([["GREETING", "a = b"], ["HOME", "/tmp"]])).await;
    let text = reply["ok"]["stdout"]["text"].as_str().expect("a text");
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    let names: Vec<_> = lines.iter().map(|line| line.split('=').next()).collect();
    assert_eq!(
        names,
        [
            "GREETING", "HOME", "LANG", "LOGNAME", "PATH", "SHELL", "TMPDIR", "USER"
        ]
        .map(Some),
        "nothing of the host's own"
    );
    assert!(
        lines.contains(&"GREETING=a = b") && lines.contains(&"HOME=/tmp"),
        "{text}"
    );
    for name in ["OTHER", "PATH", "LD_PRELOAD"] {
        let denied = run(json!([[name, "x"]])).await;
        let reason = denied["err"]["denied"]["reason"].as_str().expect("denied");
        assert!(
            reason.contains(&format!("does not list `{name}`")),
            "{reason}"
        );
    }
    for name in ["", "A=B"] {
        let invalid = run(json!([[name, "x"]])).await;
        assert!(invalid["err"]["invalid"].is_string(), "{invalid}");
    }
}

#[tokio::test]
async fn a_process_starts_in_the_workspace_or_below() {
    let bench = Bench::with_program("sh").await;
    fs::create_dir(bench.workspace().join("below")).expect("a folder");
    let mut command = sh("pwd");
    for (cwd, expected) in [
        (Value::Null, "/workspace\n"),
        ("below".into(), "/workspace/below\n"),
        ("/workspace/below".into(), "/workspace/below\n"),
    ] {
        command["cwd"] = cwd;
        assert_eq!(
            bench.run(command.clone()).await["ok"]["stdout"]["text"],
            expected
        );
    }
    for cwd in ["..", "/etc", "missing"] {
        command["cwd"] = cwd.into();
        let reply = bench.run(command.clone()).await;
        assert!(reply["err"]["bad-cwd"].is_string(), "{reply}");
    }
}

#[tokio::test]
async fn a_malformed_command_is_invalid() {
    let bench = Bench::with_program("sh").await;
    for (command, complaint) in [
        (
            json!({"program": "sh", "args": ["-c", "a\u{0}b"]}),
            "argument 2 has a NUL byte",
        ),
        (
            json!({"program": "s\u{0}h"}),
            "the program's name has a NUL byte",
        ),
        (json!({"program": ""}), "the program's name is empty"),
        (json!({"program": "./sh"}), "`./sh` is a relative path"),
        (
            json!({"program": "sh", "cwd": "a\u{0}"}),
            "the working directory has a NUL byte",
        ),
        (
            json!({"program": "sh", "env": [["A", "\u{0}"]]}),
            "the variable A has a NUL byte",
        ),
        (
            json!({"program": "sh", "stdout": "ring:0"}),
            "stdout is kept in a ring of 0 bytes",
        ),
        (
            json!({"program": "sh", "stdin_pipe": true}),
            "stdin is a pipe",
        ),
        (
            json!({"program": "sh", "stdout": "stream"}),
            "an output is kept as a stream",
        ),
        (
            json!({"program": "sh", "stderr": "stream"}),
            "an output is kept as a stream",
        ),
    ] {
        let reply = bench.run(command).await;
        let text = reply["err"]["invalid"]
            .as_str()
            .unwrap_or_else(|| panic!("{reply}"));
        assert!(text.contains(complaint), "{text}");
    }
}

#[tokio::test]
async fn what_is_not_there_and_what_cannot_be_executed_is_named() {
    let bench = Bench::setup()
        .manifest("[[process]]\nprogram = \"nothing-here\"")
        .manifest("[[process]]\nprogram = \"/workspace/data\"")
        .manifest("[[process]]\nprogram = \"/workspace/garbage\"")
        .grant("process:nothing-here")
        .grant("process:/workspace/data")
        .grant("process:/workspace/garbage")
        .start()
        .await;
    bench.write("data", "x");
    let garbage = bench.write("garbage", "echo ran\n");
    fs::set_permissions(garbage, fs::Permissions::from_mode(0o755)).expect("chmod");

    let reply = bench.run(json!({"program": "nothing-here"})).await;
    let text = reply["err"]["not-found"].as_str().expect("not found");
    assert!(text.contains("`nothing-here`"), "{text}");
    let reply = bench.run(json!({"program": "/workspace/data"})).await;
    let text = reply["err"]["not-executable"]
        .as_str()
        .expect("not executable");
    assert!(text.contains("`/workspace/data`"), "{text}");

    let reply = bench.run(json!({"program": "/workspace/garbage"})).await;
    let failure = &reply["ok"]["exit"]["status"]["launch-failed"];
    assert_eq!(failure["step"], "exec", "{reply}");
    assert_eq!(failure["errno"], 8, "no file that the system executes");
    let text = failure["message"].as_str().expect("a text");
    assert!(text.contains("`/workspace/garbage`"), "{text}");
}

#[tokio::test]
async fn a_command_ends_at_its_deadline_with_all_that_it_started() {
    let bench = Bench::with_program("sh").await;
    let marker = marker();
    let mut command = sh(&format!("echo begun; (sleep {marker} &); sleep {marker}"));
    command["timeout_ms"] = 300.into();
    let started = Instant::now();
    let reply = bench.run(command).await;
    assert_eq!(reply["ok"]["exit"]["cause"], "timed-out", "{reply}");
    assert_eq!(reply["ok"]["stdout"]["text"], "begun\n");
    assert!(started.elapsed() < Duration::from_secs(10));
    assert_eq!(processes_with(&marker), 0);
}

#[tokio::test]
async fn a_process_ends_with_the_time_of_its_call() {
    let setup = Bench::setup()
        .program("sh")
        .manifest("[instance]\ntime-ms = 400");
    let bench = setup.start().await;
    let marker = marker();
    let command = sh(&format!("sleep {marker}")).to_string();
    // Either the process's end is told in time, or the call's own time is up.
    match bench.plainly("run", &command).await {
        Ok(outcome) => {
            let reply = crate::bench::reply(Ok(outcome));
            assert_eq!(reply["ok"]["exit"]["cause"], "timed-out");
        }
        Err(error) => {
            let cause = error.source().expect("a cause").to_string();
            assert!(cause.contains("within 400 ms"), "{cause}");
        }
    }
    crate::support::eventually("no process is left", || processes_with(&marker) == 0);
}

#[tokio::test]
async fn nothing_runs_without_a_sandbox() {
    let bench = Bench::setup()
        .program("touch")
        .without_sandbox()
        .start()
        .await;
    let file = bench.workspace().join("made");
    let reply = bench.run(json!({"program": "touch", "args": [file]})).await;
    assert_eq!(
        reply["err"]["sandbox-unavailable"],
        "this host was set up without a sandbox"
    );
    assert!(!file.exists());
}

#[tokio::test]
async fn memory_is_limited_where_the_machine_can_and_refused_elsewhere() {
    use crate::support::without::Need;

    let bench = Bench::with_program("sh").await;
    let mut command = sh("x=$(head -c 100000000 /dev/zero | tr '\\0' x); exit 0");
    command["limits"] = json!({"memory": 50 << 20});
    let reply = bench.run(command).await;
    let refused = reply["err"]["unsupported-limit"].as_str();
    if Need::Cgroup.is_met(refused) {
        assert_eq!(
            reply["ok"]["exit"]["cause"],
            json!({"limit": "memory"}),
            "{reply}"
        );
    } else if let Some(text) = refused {
        assert!(text.starts_with("memory: "), "{text}");
    }
}

#[tokio::test]
async fn a_limit_that_cannot_be_held_is_refused() {
    let bench = Bench::with_program("sh").await;
    let mut command = sh("exit 0");
    // More than any host has itself.
    command["limits"] = json!({"open_files": u32::MAX});
    let reply = bench.run(command.clone()).await;
    let text = reply["err"]["unsupported-limit"].as_str().expect("refused");
    assert!(text.starts_with("open-files: "), "{text}");
    command = sh("ulimit -n; while :; do :; done");
    command["limits"] = json!({"cpu_seconds": 1, "open_files": 50});
    let reply = bench.run(command).await;
    assert_eq!(reply["ok"]["stdout"]["text"], "50\n", "{reply}");
    assert_eq!(
        reply["ok"]["exit"]["cause"],
        json!({"limit": "cpu-seconds"})
    );
}
