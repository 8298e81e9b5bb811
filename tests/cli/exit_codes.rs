//! What commands end with, as the reference's table says.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::environment::{Piped, Run, TestEnvironment};

/// A manifest that is notified of a topic for each action.
fn subscribing(actions: &[&str]) -> String {
    let hook = |action: &&str| {
        format!("[[hook]]\ntopic = \"told.{action}\"\naction = \"{action}\"\ntimeout-ms = 500\n")
    };
    actions.iter().map(hook).collect()
}

#[test]
fn publishing_fails_with_a_subscriber() {
    let env = TestEnvironment::new();
    let actions = ["echo", "deny", "fail", "panic", "spin", "nobody"];
    let guests = env.guests(&subscribing(&actions));
    let grants = subscriptions(&actions);
    let allowed: Vec<&str> = grants.iter().flat_map(|grant| ["--allow", grant]).collect();
    for (action, code) in actions.into_iter().zip([0, 1, 1, 1, 5, 1]) {
        let topic = format!("told.{action}");
        let args = ["trigger", &*topic, &guests, "--payload", "x"];
        let args = [&args[..], &allowed].concat();
        let run = env.boll(&args);
        assert_eq!(run.code, code, "{action}: {run:#?}");
        assert!(!run.stdout.is_empty(), "the answers are written: {run:#?}");
        let told = run.stderr.contains("1 of 1 subscribers failed: guests");
        assert_eq!(told, code != 0, "{run:#?}");
        let intercept = env.boll(&[&args[..], &["--intercept"]].concat());
        assert_eq!(intercept.code, code, "{action}: {intercept:#?}");
        let json = env.boll(&[&args[..], &["--output", "json"]].concat());
        assert_eq!(json.code, code);
        assert_eq!(json.json()["answers"][0]["capsule"], "guests");
    }
}

fn subscriptions(actions: &[&str]) -> Vec<String> {
    let grant = |action: &&str| format!("guests=subscribe:told.{action}");
    actions.iter().map(grant).collect()
}

#[test]
fn a_strict_check_fails_for_whatever_a_run_would_lack() {
    let env = TestEnvironment::new();
    let guests = env.guests("[[process]]\nprogram = \"true\"\n");
    let check = |more: &[&str]| env.boll(&[&["check", &*guests, "--strict"], more].concat());
    env.boll(&["check", &guests]).ends(0);
    check(&[]).ends(3).says(&[
        "guests would not run as it is: it is not granted process:true",
        "allow = [\"process:true\"]",
    ]);
    check(&["--allow", "process:true"]).ends(0);
    check(&["--allow", "process:true", "--allow", "process:ls"])
        .ends(3)
        .says(&["process:ls"]);
    check(&["--allow", "process:true", "--workspace", "/"])
        .ends(3)
        .says(&["the workspace"]);
    env.grant("[sandbox]\nbackend = \"landlock\"\n");
    check(&["--allow", "process:true"])
        .ends(3)
        .says(&["`landlock` is weaker than bubblewrap"]);
    env.boll(&["check", "--strict", "--world", &guests])
        .fails(2);
}

/// A command that goes on, once it has written its first line.
fn going_on(env: &TestEnvironment, args: &[&str], signal: Signal) -> Run {
    let mut child = env.boll_command(args).piped();
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    stdout.read_line(&mut line).expect("a line");
    let pid = Pid::from_raw(i32::try_from(child.id()).expect("a pid"));
    kill(pid, signal).expect("a signal");
    Run::of(child.wait_with_output().expect("boll ends"))
}

#[test]
fn what_goes_on_ends_by_a_signal_as_the_table_says() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        for command in [
            &["up", &*guests][..],
            &["dev", &guests, "echo", "--payload", "x"],
        ] {
            let run = going_on(&env, command, signal);
            assert_eq!(run.code, 130, "{signal}: {run:#?}");
            assert!(!run.stderr.contains("error"), "{signal}: {run:#?}");
        }
    }
}

#[test]
fn a_signal_ends_what_runs_no_capsule_with_the_same_code() {
    let env = TestEnvironment::new();
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        let mut command = env.boll_command(&["conformance", "--serve"]);
        let mut child = command.stdin(std::process::Stdio::piped()).piped();
        let mut requests = child.stdin.take().expect("a pipe");
        let hello = r#"{"id": 1, "do": "hello", "protocol": 1, "runner": "a test"}"#;
        writeln!(requests, "{hello}").expect("it reads");
        let mut answers = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        answers.read_line(&mut line).expect("an answer");
        let pid = Pid::from_raw(i32::try_from(child.id()).expect("a pid"));
        kill(pid, signal).expect("a signal");
        assert_eq!(child.wait().expect("it ends").code(), Some(130), "{signal}");
    }
}

#[test]
fn a_closed_standard_output_has_its_code() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    for args in [
        &["run", &*guests, "echo", "--payload", "x"][..],
        &["check", &guests],
        &["doctor", "--lang", "rust"],
        &["--help"],
        &["--version"],
        &["schema", "capsule"],
        &["man"],
        &["completions", "bash"],
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = env.boll_command(args).stdout(writer).output();
        let output = output.expect("boll starts");
        assert_eq!(output.status.code(), Some(141), "{args:?}: {output:?}");
    }
}

#[test]
fn the_table_lists_no_code_that_is_not_given() {
    let page = crate::support::root().join("docs/reference/exit-codes.md");
    let page = fs::read_to_string(page).expect("the reference");
    for code in ["0", "1", "2", "3", "4", "5", "70", "130", "141"] {
        assert!(page.contains(&format!("| {code} | ")), "{code}");
    }
}
