//! Being told to end while a capsule's children run: nothing of them survives,
//! whether a call drives them or has left them behind.

use std::os::unix::process::CommandExt as _;
use std::process::Child;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::support::environment::{Piped, Run, TestEnvironment};
use crate::support::{eventually, marker, processes_with};

/// A child with one that left its group; both listen to no signal but the last.
fn spawn(child: &str, marker: &str) -> Value {
    let script = format!(
        "trap '' INT TERM HUP; (setsid sh -c \"trap '' INT TERM HUP; sleep {marker}; :\" &); \
         echo up; sleep {marker}; :"
    );
    json!({
        "do": "spawn", "child": child,
        "command": {"program": "sh", "args": ["-c", script], "stdin_pipe": true},
    })
}

/// Runs a capsule that has a child left behind and waits for another one.
fn with_children(env: &TestEnvironment, marker: &str) -> Child {
    let steps = json!([
        spawn("left", marker),
        {"do": "detach", "child": "left"},
        spawn("driven", marker),
        {"do": "wait", "child": "driven"},
    ]);
    let guests = env.guests("[[process]]\nprogram = \"sh\"\n");
    env.write("payload", steps.to_string());
    let mut boll = env.boll_command(&[
        "run",
        &guests,
        "children",
        "--payload-file",
        "payload",
        "--allow",
        "process:sh",
    ]);
    // A group of its own, as a shell with a terminal gives each of its jobs.
    boll.process_group(0);
    let child = boll.piped();
    eventually("both trees run", || processes_with(marker) >= 8);
    child
}

/// Signals the whole group, as a terminal does.
fn signal(child: &Child, signal: Signal) {
    let group = i32::try_from(child.id()).expect("a pid");
    killpg(Pid::from_raw(group), signal).expect("a signal");
}

#[test]
fn an_interrupt_from_a_terminal_ends_all_children() {
    let (env, marker) = (TestEnvironment::new(), marker());
    let child = with_children(&env, &marker);
    signal(&child, Signal::SIGINT);
    Run::of(child.wait_with_output().expect("boll ends")).fails(130);
    assert_eq!(processes_with(&marker), 0);
}

#[test]
fn being_terminated_ends_all_children() {
    let (env, marker) = (TestEnvironment::new(), marker());
    let child = with_children(&env, &marker);
    signal(&child, Signal::SIGTERM);
    Run::of(child.wait_with_output().expect("boll ends")).fails(130);
    assert_eq!(processes_with(&marker), 0);
}

#[test]
fn being_killed_leaves_no_child() {
    let (env, marker) = (TestEnvironment::new(), marker());
    let mut child = with_children(&env, &marker);
    signal(&child, Signal::SIGKILL);
    child.wait().expect("boll ends");
    eventually("no process is left", || processes_with(&marker) == 0);
}
