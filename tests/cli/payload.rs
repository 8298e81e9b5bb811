//! Actions, payloads and results.

use std::fs;
use std::process::{Child, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::sys::stat::Mode;
use nix::unistd::{Pid, mkfifo};
use serde_json::json;

use crate::support::environment::{BOLL, Piped, Run, TestEnvironment};
use crate::support::eventually;

#[test]
fn a_payload_comes_back_to_the_byte() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    env.write("file", "from a file\n");
    for (args, stdin, expected) in [
        (&["--payload", "ünï \"x\""][..], "", "ünï \"x\""),
        (&["--payload", "-5"], "", "-5"),
        (&["--payload=-5"], "", "-5"),
        (&["--payload", "--quiet"], "", "--quiet"),
        (&["--payload", "-"], "", "-"),
        (&["--payload", ""], "not read", ""),
        (&["--payload-file", "-"], "", ""),
        (&["--payload-file", "/dev/null"], "", ""),
        (&["--payload-file", "file"], "", "from a file\n"),
        (&["--payload-file", "-"], "from a pipe", "from a pipe"),
        (&[], "not read", ""),
    ] {
        let args = [&["run", &guests, "echo"], args].concat();
        let run = env.boll_reading(&args, stdin.as_bytes()).ends(0);
        assert_eq!(run.stdout, expected);
    }
}

#[test]
fn a_result_as_json_tells_its_kind() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    let json_of = |action: &str, payload: &str| {
        env.boll(&[
            "run",
            &guests,
            action,
            "--payload",
            payload,
            "--output",
            "json",
        ])
        .ends(0)
        .json()
    };
    assert_eq!(
        json_of("echo", "text"),
        json!({"outcome": "continue", "payload": "text", "payload_is": "text"})
    );
    assert_eq!(
        json_of("final", r#"{"a":[1]}"#),
        json!({"outcome": "final", "payload": {"a": [1]}, "payload_is": "json"})
    );
    assert_eq!(
        json_of("nothing", ""),
        json!({"outcome": "continue", "payload": null, "payload_is": "empty"})
    );
}

#[test]
fn what_a_capsule_says_no_to_is_a_failure() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    for (action, payload, code, text) in [
        (
            "deny",
            "not today",
            1,
            "error: the capsule denied: not today",
        ),
        ("fail", "it rains", 1, "error: the capsule failed: it rains"),
        (
            "nobody",
            "",
            2,
            "error: the capsule knows no action `nobody`",
        ),
        (
            "sleep",
            "soon",
            2,
            "error: the capsule cannot use the payload: ",
        ),
    ] {
        env.boll(&["run", &guests, action, "--payload", payload])
            .fails(code)
            .says(&[text]);
    }
}

#[test]
fn without_an_action_the_default_is_meant() {
    let env = TestEnvironment::new();
    let guests =
        env.guests("[[action]]\nname = \"fail\"\n[[action]]\nname = \"echo\"\ndefault = true\n");
    let run = env.boll(&["run", &guests, "--payload", "x"]).ends(0);
    assert_eq!(run.stdout, "x");
    env.boll(&["run", &guests, "nobody"])
        .fails(2)
        .says(&["help: it has: fail, echo"]);
    let guests = env.guests("[[action]]\nname = \"fail\"\n[[action]]\nname = \"echo\"\n");
    env.boll(&["run", &guests]).fails(2).says(&[
        "error: guests has no default action: name one",
        "help: it has: fail, echo",
    ]);
}

#[test]
fn a_payload_that_cannot_be_read_is_named() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    env.boll(&["run", &guests, "echo", "--payload-file", "missing"])
        .fails(2)
        .says(&["cannot read the payload from missing: No such file"]);
    env.boll(&[
        "run",
        &guests,
        "echo",
        "--payload",
        "x",
        "--payload-file",
        "y",
    ])
    .fails(2)
    .says(&["cannot be used with"]);
}

#[test]
fn the_capsule_learns_for_whom_it_is_called() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    let run = env
        .boll(&[
            "run",
            &guests,
            "caller",
            "--principal",
            "ann",
            "--call-id",
            "c-1",
        ])
        .ends(0);
    assert_eq!(run.json()["principal"], "ann");
    assert_eq!(run.json()["call_id"], "c-1");
    assert_eq!(run.json()["source"], "host");
}

#[test]
fn the_capsule_sees_nothing_of_the_machine() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    let run = env
        .boll_reading(&["run", &guests, "ambient"], b"planted")
        .ends(0);
    assert_eq!(run.json()["env"], json!({}));
    assert_eq!(run.json()["stdin"], json!({"Ok": ""}));
    assert!(run.json()["root"].get("Err").is_some(), "{}", run.stdout);
}

/// `boll` with a payload from a pipe, which it waits for.
fn waiting(env: &TestEnvironment, args: &[&str]) -> Child {
    let child = env.boll_command(args).stdin(Stdio::piped()).piped();
    let tasks = format!("/proc/{}/task", child.id());
    eventually("it waits for the payload", || {
        let threads = fs::read_dir(&tasks).into_iter().flatten().flatten();
        let mut names = threads.map(|thread| fs::read_to_string(thread.path().join("comm")));
        names.any(|name| name.is_ok_and(|name| name == "payload\n"))
    });
    child
}

#[test]
fn a_payload_that_does_not_come_is_waited_for_until_a_signal() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    let fifo = env.current().join("fifo");
    mkfifo(&fifo, Mode::S_IRUSR | Mode::S_IWUSR).expect("a pipe");
    for args in [
        ["run", &*guests, "echo", "--payload-file", "fifo"],
        ["run", &*guests, "echo", "--payload-file", "-"],
        ["trigger", "a.b", &*guests, "--payload-file", "fifo"],
        ["dev", &*guests, "echo", "--payload-file", "fifo"],
    ] {
        for signal in [
            Signal::SIGINT,
            Signal::SIGTERM,
            Signal::SIGHUP,
            Signal::SIGQUIT,
        ] {
            let child = waiting(&env, &args);
            let pid = i32::try_from(child.id()).expect("a pid");
            kill(Pid::from_raw(pid), signal).expect("a signal");
            let mut child = child;
            // Its end stays open: what comes is not the end of the payload.
            let stdin = child.stdin.take();
            let run = Run::of(child.wait_with_output().expect("boll ends"));
            assert_eq!(run.code, 130, "{args:?} {signal}: {run:#?}");
            drop(stdin);
        }
    }
}

#[test]
fn a_payload_that_does_not_come_is_waited_for_as_long_as_the_call_may_take() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    let fifo = env.current().join("fifo");
    mkfifo(&fifo, Mode::S_IRUSR | Mode::S_IWUSR).expect("a pipe");
    let args = [
        "run",
        &guests,
        "echo",
        "--payload-file",
        "fifo",
        "--time-ms",
    ];
    env.boll(&[&args[..], &["200"]].concat())
        .fails(5)
        .says(&["no complete payload came from fifo within 200 ms"]);
    let child = waiting(&env, &[&args[..], &["60000"]].concat());
    fs::write(&fifo, "at last").expect("written");
    let run = Run::of(child.wait_with_output().expect("boll ends")).ends(0);
    assert_eq!(run.stdout, "at last");
}

#[test]
fn no_payload_is_read_from_what_the_kernel_makes_up() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    std::os::unix::fs::symlink("/proc/kmsg", env.current().join("link")).expect("a link");
    for path in [
        "/proc/kmsg",
        "link",
        "/proc/self/status",
        "/proc/self/environ",
        "/sys/kernel/notes",
    ] {
        let args = ["run", &*guests, "echo", "--payload-file", path];
        env.boll(&[&args[..], &["--time-ms", "1000"]].concat())
            .fails(2)
            .says(&["made up by the kernel"]);
    }
    env.boll(&["run", &guests, "echo", "--payload-file", "guests"])
        .fails(2)
        .says(&["directory"]);
    // What a shell opens is read by its number.
    let line = format!(
        "{BOLL} run {guests} echo --payload-file <(echo -n piped); \
         echo -n file > f; {BOLL} run {guests} echo --payload-file /dev/stdin < f"
    );
    let output = env.command("bash").args(["-c", &line]).output();
    let run = Run::of(output.expect("bash starts")).ends(0);
    assert_eq!(run.stdout, "pipedfile");
}
