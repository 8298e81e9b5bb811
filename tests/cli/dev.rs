//! `boll dev`: what is loaded follows the folder.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::support::environment::{BOLL, Piped, Run, TestEnvironment};
use crate::support::guests::guests_bytes;
use crate::support::repository::Repository;

/// A `boll dev` that calls `echo` of a capsule each time.
struct Dev {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Drop for Dev {
    fn drop(&mut self) {
        // One that has ended is not there to be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Dev {
    fn start(env: &TestEnvironment, capsule: &str, more: &[&str]) -> Self {
        let args = [
            "dev",
            capsule,
            "echo",
            "--payload",
            "\"hello\"",
            "--output",
            "json",
        ];
        let mut child = env.boll_command(&[&args, more].concat()).piped();
        let lines = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { child, lines }
    }

    /// Waits for the next loading, and gives what it says and what the call replied.
    fn loaded(&mut self) -> (Value, Value) {
        (self.next()["state"].take(), self.next()["payload"].take())
    }

    fn next(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("a line");
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    fn end(mut self) -> Run {
        let pid = i32::try_from(self.child.id()).expect("a pid");
        kill(Pid::from_raw(pid), Signal::SIGINT).expect("a signal");
        let status = self.child.wait().expect("boll ends");
        let code = status.code().unwrap_or(-1);
        let (stdout, stderr) = (String::new(), String::new());
        Run {
            code,
            stdout,
            stderr,
        }
    }
}

const MANIFEST: &str =
    "[capsule]\nid = \"sample\"\nversion = \"1.0.0\"\ncomponent = \"component.wasm\"\n";

#[test]
fn a_changed_capsule_is_loaded_anew_and_called() {
    let env = TestEnvironment::new();
    let capsule = env.capsule("sample", &guests_bytes(), "");
    let mut dev = Dev::start(&env, &capsule, &[]);
    assert_eq!(dev.loaded(), ("loaded".into(), "hello".into()));

    // A mistake leaves what is loaded; so does more than was granted.
    env.write("sample/Capsule.toml", "[capsule]\nid = 1\n");
    env.write(
        "sample/Capsule.toml",
        format!("{MANIFEST}[[process]]\nprogram = \"ls\"\n"),
    );
    // What tools make is no change, and what is the same is not loaded again.
    env.write("sample/target/made", "");
    env.write(
        "sample/Capsule.toml",
        format!("{MANIFEST}description = \"new\"\n"),
    );
    assert_eq!(dev.loaded(), ("reloaded".into(), "hello".into()));

    dev.end().ends(130);
}

#[test]
fn what_is_beside_it_is_loaded_anew_too() {
    let env = TestEnvironment::new();
    let capsule = env.capsule("sample", &guests_bytes(), "");
    let other = env.capsule("other", &guests_bytes(), "");
    let mut dev = Dev::start(&env, &capsule, &["--with", &other]);
    for capsule in ["sample", "other"] {
        let told = dev.next();
        assert_eq!(
            (&told["capsule"], &told["state"]),
            (&capsule.into(), &"loaded".into())
        );
    }
    assert_eq!(dev.next()["payload"], "hello");

    let changed = MANIFEST.replace("sample", "other");
    env.write(
        "other/Capsule.toml",
        format!("{changed}description = \"new\"\n"),
    );
    assert_eq!(dev.next()["capsule"], "other");
    assert_eq!(dev.next()["payload"], "hello");

    // With another name it takes the place of what it was.
    let renamed = MANIFEST.replace("sample", "another");
    env.write("other/Capsule.toml", renamed);
    assert_eq!(dev.next()["capsule"], "another");
    assert_eq!(dev.next()["payload"], "hello");
    dev.end().ends(130);
}

#[test]
fn what_goes_wrong_is_told_and_what_is_loaded_stays() {
    let env = TestEnvironment::new();
    let capsule = env.capsule("sample", &guests_bytes(), "");
    let mut dev = Dev::start(&env, &capsule, &[]);
    dev.loaded();
    let mut errors = BufReader::new(dev.child.stderr.take().expect("a pipe"));
    let mut told = |expected: &str| {
        let mut line = String::new();
        while !line.contains(expected) {
            line.clear();
            assert!(
                errors.read_line(&mut line).expect("a line") > 0,
                "{expected}"
            );
        }
    };

    env.write("sample/Capsule.toml", "[capsule]\nid = 1\n");
    told("invalid type: integer `1`");
    env.write(
        "sample/Capsule.toml",
        format!("{MANIFEST}[[process]]\nprogram = \"ls\"\n"),
    );
    told("sample now asks for more: process:ls");
    env.write("sample/component.wasm", "no component");
    env.write("sample/Capsule.toml", MANIFEST);
    told("it is not WebAssembly");
    env.write("sample/component.wasm", guests_bytes());
    env.write(
        "sample/Capsule.toml",
        format!("{MANIFEST}description = \"new\"\n"),
    );
    dev.loaded();
}

#[test]
fn a_workspace_is_judged_by_what_is_loaded_anew() {
    let env = TestEnvironment::new();
    let asks = "[[process]]\nprogram = \"true\"\n";
    let capsule = env.capsule("sample", &guests_bytes(), asks);
    let grants = ["--allow", "process:true", "--allow", "workspace:write"];
    let mut dev = Dev::start(&env, &capsule, &grants);
    dev.loaded();
    let mut errors = BufReader::new(dev.child.stderr.take().expect("a pipe"));
    // The workspace holds the capsule.
    env.write(
        "sample/Capsule.toml",
        format!("{MANIFEST}{asks}workspace = \"read-write\"\n"),
    );
    let mut line = String::new();
    while !line.contains("which Boll builds, reads or executes") {
        line.clear();
        assert!(errors.read_line(&mut line).expect("a line") > 0);
    }
    env.write(
        "sample/Capsule.toml",
        format!("{MANIFEST}description = \"new\"\n{asks}"),
    );
    assert_eq!(dev.loaded().0, "reloaded");
    dev.end().ends(130);
}

#[test]
fn the_log_of_a_call_comes_before_its_reply_and_the_time_of_the_round_after() {
    let repository = Repository::with_commits();
    let env = TestEnvironment::new().at(repository.path());
    let rust = crate::example("rust");
    let args = ["dev", &*rust, "report", "--allow", crate::GIT_LOG];
    // Both streams in one pipe, as on a terminal.
    let mut child = env
        .command("sh")
        .args(["-c", "exec \"$@\" --log-format text 2>&1", "sh", BOLL])
        .args(args)
        .piped();
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut before = Vec::new();
    for line in lines {
        let line = line.expect("a line");
        let last = line.starts_with("round 1: done (");
        before.push(line);
        if last {
            break;
        }
    }
    let pid = i32::try_from(child.id()).expect("a pid");
    kill(Pid::from_raw(pid), Signal::SIGINT).expect("a signal");
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    let place = |text: &str| before.iter().position(|line| line.contains(text));
    let (log, reply) = (place("read the commits"), place("\"commits\":8"));
    assert!(log.is_some() && log < reply, "{before:#?}");
    assert_eq!(reply, before.len().checked_sub(2), "{before:#?}");
}

#[test]
fn a_payload_goes_to_an_action_or_is_refused() {
    let env = TestEnvironment::new();
    let listed = env.guests("[[action]]\nname = \"echo\"\ndefault = true\n");
    let args = [
        "dev",
        &*listed,
        "--payload",
        "\"hello\"",
        "--output",
        "json",
    ];
    let mut child = env.boll_command(&args).piped();
    let lines = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut dev = Dev { child, lines };
    assert_eq!(dev.loaded(), ("loaded".into(), "hello".into()));
    drop(dev);
    let other = TestEnvironment::new();
    // Of several, none is the default one.
    let guests = other.guests("[[action]]\nname = \"echo\"\n[[action]]\nname = \"nothing\"\n");
    other
        .boll(&["dev", &guests, "--payload", "x"])
        .fails(2)
        .says(&["has no default action: name one", "echo"]);
}
