//! `[sandbox]` and `[process]` of the operator's file.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::interrupt::running;
use crate::support::environment::{Run, TestEnvironment};
use crate::support::without::Need;
use crate::support::{eventually, marker, processes_with};

/// A folder that every user can read, with an executable in it.
fn tools() -> (TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().canonicalize().expect("a path");
    let tool = path.join("tool");
    fs::write(&tool, "#!/bin/sh\necho a tool\n").expect("written");
    for path in [&path, &tool] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("chmod");
    }
    let path = path.to_str().expect("UTF-8").to_owned();
    (folder, path)
}

/// Runs a program with all the grants that it needs.
fn run(env: &TestEnvironment, program: &str, args: &[&str]) -> Run {
    let guests = env.guests(&format!("[[process]]\nprogram = \"{program}\"\n"));
    let payload = json!({"program": program, "args": args}).to_string();
    let grant = format!("process:{program}");
    env.boll(&[
        "run",
        &guests,
        "run",
        "--payload",
        &payload,
        "--allow",
        &grant,
    ])
}

fn sh(env: &TestEnvironment, script: &str) -> Value {
    run(env, "sh", &["-c", script]).ends(0).json()
}

#[test]
fn a_further_path_is_seen_read_only_and_only_where_it_is_written_down() {
    let env = TestEnvironment::new();
    let (_folder, path) = tools();
    let tool = format!("{path}/tool");
    let reply = run(&env, &tool, &[]).ends(0).json();
    assert!(reply["err"]["not-found"].is_string(), "{reply}");

    env.grant(&format!("[sandbox]\nread-only = [\"{path}\"]\n"));
    let reply = run(&env, &tool, &[]).ends(0).json();
    assert_eq!(reply["ok"]["stdout"]["text"], "a tool\n", "{reply}");
    let reply = sh(&env, &format!("echo changed > {tool}; echo $?"));
    assert_ne!(reply["ok"]["stdout"]["text"], "0\n", "{reply}");
    let content = fs::read_to_string(&tool).expect("the tool");
    assert!(content.contains("a tool"), "{content}");
}

#[test]
fn the_sizes_of_what_is_kept_in_memory_are_the_operators() {
    let env = TestEnvironment::new();
    // Two MiB fit where nothing is set.
    let script = "for at in /tmp \"$HOME\" /dev/shm; do head -c 2M /dev/zero > $at/file \
                  2>/dev/null && echo fits || echo full; done";
    let said = |env: &TestEnvironment| sh(env, script)["ok"]["stdout"]["text"].clone();
    assert_eq!(said(&env), "fits\nfits\nfits\n");
    for (key, expected) in [
        ("tmp-mib", "full\nfits\nfits\n"),
        ("home-mib", "fits\nfull\nfits\n"),
        ("shm-mib", "fits\nfits\nfull\n"),
    ] {
        env.grant(&format!("[sandbox]\n{key} = 1\n"));
        assert_eq!(said(&env), expected, "{key}");
    }
}

#[test]
fn a_process_tree_has_what_the_operator_gives() {
    let env = TestEnvironment::new();
    let many = "i=0; while [ $i -lt 40 ]; do sleep 3 & i=$((i+1)); done; echo all";
    let large = "head -c 3M /dev/zero > /tmp/large; wc -c < /tmp/large";
    assert_eq!(sh(&env, many)["ok"]["stdout"]["text"], "all\n");
    assert_eq!(sh(&env, large)["ok"]["stdout"]["text"], "3145728\n");
    env.grant("[process]\nfile-mib = 2\n");
    assert_eq!(sh(&env, large)["ok"]["stdout"]["text"], "2097152\n");
    for (key, most) in [("pids", 0), ("memory-mib", 0), ("cpu-weight", 10_001)] {
        env.grant(&format!("[process]\n{key} = {most}\n"));
        let named = format!("`{key}`");
        run(&env, "sh", &["-c", "true"]).ends(2).says(&[&named]);
    }

    env.grant("[process]\npids = 20\nmemory-mib = 40\ncpu-weight = 50\n");
    let reply = sh(&env, many);
    let refused = reply["err"]["unsupported-limit"].as_str();
    if !Need::Cgroup.is_met(refused) {
        return;
    }
    assert_eq!(reply["ok"]["stdout"]["text"], "", "{reply}");
    let reply = sh(
        &env,
        "x=$(head -c 60000000 /dev/zero | tr '\\0' x); echo held",
    );
    let cause = &reply["ok"]["exit"]["cause"];
    assert_eq!(*cause, json!({"limit": "memory"}), "{reply}");
    assert_eq!(reply["ok"]["stdout"]["text"], "", "{reply}");
}

#[test]
fn a_process_is_asked_for_as_long_as_the_operator_says() {
    let env = TestEnvironment::new();
    // Longer than the 3 s that it would be without.
    env.grant("[process]\ninterrupt-ms = 1500\nterminate-ms = 2500\n");
    let marker = marker();
    let script = format!("trap '' INT TERM; sleep {marker}; true");
    let payload = json!({"program": "sh", "args": ["-c", script]});
    let args = running(&env, &payload);
    let mut child = env
        .boll_command(&args.each_ref().map(String::as_str))
        .stderr(Stdio::null())
        .spawn()
        .expect("boll starts");
    // What sleeps was started by a shell that ignores both signals already.
    eventually("the processes run", || processes_with(&marker) >= 2);
    let pid = i32::try_from(child.id()).expect("a pid");
    let asked = Instant::now();
    kill(Pid::from_raw(pid), Signal::SIGINT).expect("a signal");
    assert_eq!(child.wait().expect("boll ends").code(), Some(130));
    assert!(asked.elapsed() >= Duration::from_secs(4));
    assert_eq!(processes_with(&marker), 0);
}

#[test]
fn what_is_wrong_with_it_has_a_place() {
    let env = TestEnvironment::new();
    let guests = env.guests("[[process]]\nprogram = \"true\"\n");
    let file = env.operator();
    let file = file.to_str().expect("UTF-8");
    let holding = Path::new(file)
        .parent()
        .and_then(Path::parent)
        .expect("a folder");
    let holding = holding.canonicalize().expect("a path");
    let beside = env.current().to_str().expect("UTF-8").to_owned();
    for (text, place, complaints) in [
        (
            "[sandbox]\nread-ony = []\n",
            "2:1",
            &["unknown key `read-ony`", "did you mean `read-only`?"][..],
        ),
        (
            "[sandbox]\ncolour = 1\n",
            "2:1",
            &["unknown key `colour`", "expected one of: "],
        ),
        (
            "[sandbox]\ntmp-mib = 0\n",
            "2:11",
            &["`tmp-mib` must be a whole number from 1 to 4294967295"],
        ),
        (
            "[sandbox]\nshm-mib = -1\n",
            "2:11",
            &["`shm-mib` must be a whole number from 1 to 4294967295"],
        ),
        (
            "[sandbox]\nhome-mib = \"big\"\n",
            "2:12",
            &["`home-mib` must be a whole number from 1 to 4294967295"],
        ),
        (
            "[process]\nterminate-ms = 60001\n",
            "2:16",
            &["`terminate-ms` must be a whole number from 0 to 60000"],
        ),
        (
            "[process]\nruns = 0\n",
            "2:8",
            &["`runs` must be a whole number from 1 to 4294967295"],
        ),
        (
            "[process]\ninterupt-ms = 1\n",
            "2:1",
            &["did you mean `interrupt-ms`?"],
        ),
        (
            "[sandbox]\nread-only = [\"tools\"]\n",
            "2:14",
            &["`tools` is not an absolute path"],
        ),
        (
            "[sandbox]\nread-only = [\"/usr\", \"/no/such\"]\n",
            "2:22",
            &["cannot expose `/no/such`"],
        ),
        (
            "[sandbox]\nread-only = [\"/\"]\n",
            "2:14",
            &["the whole machine", "name the folder in it"],
        ),
        (
            "[sandbox]\nread-only = [\"/proc/self/root\"]\n",
            "2:14",
            &["leads elsewhere"],
        ),
        (
            "[sandbox]\nread-only = [\"/run\"]\n",
            "2:14",
            &["sockets of services"],
        ),
        (
            "[sandbox]\nread-only = [\"/etc\"]\n",
            "2:14",
            &["no capsule's business"],
        ),
        (
            &format!("[sandbox]\nread-only = [\"{}\"]\n", holding.display()),
            "2:14",
            &["cannot be exposed"],
        ),
        (
            &format!("[sandbox]\nread-only = [\"{beside}\"]\n"),
            "2:14",
            &["it holds the workspace"],
        ),
    ] {
        env.grant(text);
        let place = format!("{file}:{place}");
        for command in [
            &["run", &guests, "nothing", "--allow", "process:true"][..],
            &["doctor"],
            &["check", &guests],
        ] {
            env.boll(command).fails(2).says(&[&place]).says(complaints);
        }
    }
}

#[test]
fn a_capsules_manifest_has_no_say() {
    let env = TestEnvironment::new();
    for part in ["[sandbox]\ntmp-mib = 1\n", "[process]\nruns = 9\n"] {
        let guests = env.guests(part);
        env.boll(&["run", &guests, "nothing"]).fails(2);
    }
    // Nor has a file of the project.
    let guests = env.guests("[[process]]\nprogram = \"true\"\n");
    env.write("boll.toml", "[sandbox]\ntmp-mib = 0\n");
    env.boll(&["run", &guests, "nothing", "--allow", "process:true"])
        .ends(0);
}

#[test]
fn the_doctor_tries_the_sandbox_that_the_operator_describes() {
    let env = TestEnvironment::new();
    let (folder, path) = tools();
    env.grant(&format!("[sandbox]\nread-only = [\"{path}\"]\n"));
    env.boll(&["doctor"]).ends(0);
    drop(folder);
    env.boll(&["doctor"]).fails(2).says(&["cannot expose"]);
}
