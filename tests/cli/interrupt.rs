//! Being told to end: the call ends, and nothing that it started survives.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::support::environment::{Piped, Run, TestEnvironment};
use crate::support::{eventually, marker, processes_with};

/// The arguments with which a guest runs the command of `payload`.
pub(crate) fn running(env: &TestEnvironment, payload: &Value) -> [String; 7] {
    let program = payload["program"].as_str().expect("a program");
    let guests = env.guests(&format!("[[process]]\nprogram = \"{program}\"\n"));
    env.write("payload", payload.to_string());
    [
        "run",
        &guests,
        "run",
        "--payload-file",
        "payload",
        "--allow",
        &format!("process:{program}"),
    ]
    .map(str::to_owned)
}

/// Runs a capsule whose processes sleep, and sends a signal once they do.
fn interrupted(signal: Signal) {
    let env = TestEnvironment::new();
    let marker = marker();
    // One that listens to no signal but the last, and one that left its group.
    let script = format!(
        "trap '' INT TERM; (setsid sleep {marker} &); echo started; while :; do sleep {marker}; done"
    );
    let payload = serde_json::json!({"program": "sh", "args": ["-c", script], "stdout": "log"});
    let args = running(&env, &payload);
    let child = env
        .boll_command(&args.each_ref().map(String::as_str))
        .piped();
    eventually("the processes run", || processes_with(&marker) >= 3);
    let pid = i32::try_from(child.id()).expect("a pid");
    kill(Pid::from_raw(pid), signal).expect("a signal");
    let run = Run::of(child.wait_with_output().expect("boll ends")).fails(130);
    assert_eq!(processes_with(&marker), 0);
    assert_eq!(run.messages(), ["started"], "the log is written to its end");
}

#[test]
fn an_interrupt_ends_the_call_and_its_processes() {
    interrupted(Signal::SIGINT);
}

#[test]
fn being_terminated_ends_the_call_and_its_processes() {
    interrupted(Signal::SIGTERM);
}

#[test]
fn a_closed_terminal_ends_the_call_and_its_processes() {
    interrupted(Signal::SIGHUP);
}

#[test]
fn being_told_to_quit_ends_the_call_and_its_processes() {
    interrupted(Signal::SIGQUIT);
}

#[test]
fn no_signal_leaves_anything_in_the_workspace() {
    for signal in [
        Signal::SIGINT,
        Signal::SIGTERM,
        Signal::SIGHUP,
        Signal::SIGQUIT,
    ] {
        let env = TestEnvironment::new();
        let marker = marker();
        let guests = env.guests("[[process]]\nprogram = \"sleep\"\nworkspace = \"read-write\"\n");
        let payload = serde_json::json!({"program": "sleep", "args": [marker]});
        env.write("payload", payload.to_string());
        env.write("work/kept", "");
        let args = ["run", &guests, "run", "--payload-file", "payload"];
        let allowed = ["--allow", "process:sleep", "--allow", "workspace:write"];
        let work = ["--workspace", "work"];
        let child = env
            .boll_command(&[&args[..], &allowed, &work].concat())
            .piped();
        eventually("the process runs", || processes_with(&marker) > 0);
        let pid = i32::try_from(child.id()).expect("a pid");
        kill(Pid::from_raw(pid), signal).expect("a signal");
        // A terminal that is closed says so more than once.
        if signal == Signal::SIGHUP {
            let _ = kill(Pid::from_raw(pid), signal);
        }
        Run::of(child.wait_with_output().expect("boll ends")).fails(130);
        let work = std::fs::read_dir(env.current().join("work")).expect("the workspace");
        let left: Vec<_> = work.flatten().map(|entry| entry.file_name()).collect();
        assert_eq!(left, ["kept"], "{signal}");
    }
}

#[test]
fn a_signal_that_was_ignored_at_the_start_ends_nothing() {
    let env = TestEnvironment::new();
    let marker = marker();
    let payload = serde_json::json!({"program": "sleep", "args": [marker]});
    let args = running(&env, &payload);
    let child = env
        .command("sh")
        .args(["-c", "trap '' HUP INT QUIT; exec \"$@\"", "sh"])
        .arg(crate::support::environment::BOLL)
        .args(&args)
        .piped();
    eventually("the process runs", || processes_with(&marker) > 0);
    let pid = Pid::from_raw(i32::try_from(child.id()).expect("a pid"));
    for signal in [Signal::SIGHUP, Signal::SIGINT, Signal::SIGQUIT] {
        kill(pid, signal).expect("a signal");
    }
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(processes_with(&marker) > 0);
    kill(pid, Signal::SIGTERM).expect("a signal");
    Run::of(child.wait_with_output().expect("boll ends"))
        .fails(130)
        .says(&["terminated"]);
}

#[test]
fn being_killed_leaves_no_process() {
    let env = TestEnvironment::new();
    let marker = marker();
    let payload = serde_json::json!({"program": "sleep", "args": [marker]});
    let args = running(&env, &payload);
    let mut child = env
        .boll_command(&args.each_ref().map(String::as_str))
        .spawn()
        .expect("boll starts");
    eventually("the process runs", || processes_with(&marker) > 0);
    child.kill().expect("killed");
    child.wait().expect("boll ends");
    eventually("no process is left", || processes_with(&marker) == 0);
}

#[test]
fn an_interrupt_reaches_a_capsule_that_computes() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    let child = env
        .boll_command(&["run", &guests, "spin", "--verbose"])
        .piped();
    let pid = i32::try_from(child.id()).expect("a pid");
    let stat = format!("/proc/{pid}/stat");
    // The handler stands before the guest runs, and the guest takes all of a processor.
    eventually("the capsule computes", || {
        let stat = std::fs::read_to_string(&stat).expect("the process");
        let ticks = stat
            .rsplit(')')
            .next()
            .and_then(|rest| rest.split(' ').nth(12)?.parse().ok());
        ticks.is_some_and(|ticks: u64| ticks > 60)
    });
    kill(Pid::from_raw(pid), Signal::SIGINT).expect("a signal");
    Run::of(child.wait_with_output().expect("boll ends"))
        .fails(130)
        .says(&["interrupted"]);
}

#[test]
fn a_signal_ends_a_build_with_all_that_it_started() {
    for (signal, words, times) in [
        (Signal::SIGTERM, "terminated", 1),
        (Signal::SIGINT, "interrupted", 1),
        (Signal::SIGTERM, "terminated", 2),
    ] {
        let env = TestEnvironment::new();
        let marker = marker();
        env.write(
            "slow/Capsule.toml",
            "[capsule]\nid = \"slow\"\nversion = \"1.0.0\"\n",
        );
        env.write(
            "slow/Makefile",
            format!("dist/capsule.wasm:\n\t(trap '' TERM; sleep {marker}; true) & sleep {marker}; true\n"),
        );
        let child = env.boll_command(&["build", "slow"]).piped();
        eventually("the build runs", || processes_with(&marker) >= 2);
        let pid = i32::try_from(child.id()).expect("a pid");
        for _ in 0..times {
            kill(Pid::from_raw(pid), signal).expect("a signal");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let run = Run::of(child.wait_with_output().expect("boll ends"));
        run.fails(130).says(&[words]);
        assert_eq!(processes_with(&marker), 0, "{signal}");
    }
}
