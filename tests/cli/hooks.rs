//! Several capsules from a shell: `run --with`, `trigger`, `up`.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::environment::{Run, TestEnvironment};
use crate::support::guests::service_bytes;
use crate::support::root;

/// The grants that each of the example's capsules asks for.
const NOTES: [&str; 2] = ["publish:notes.*", "subscribe:audit.alarm"];
const GUARD: [&str; 2] = ["guard=publish:guard.masked", "guard=subscribe:notes.save"];
const AUDIT: [&str; 3] = [
    "audit=publish:audit.alarm",
    "audit=subscribe:notes.saved",
    "audit=subscribe:guard.*",
];

fn example(name: &str) -> String {
    let folder = match name {
        "guard" => root().join("examples/guard/rust"),
        _ => root().join("examples/hooks").join(name),
    };
    folder.display().to_string()
}

fn allowing<'a>(mut args: Vec<&'a str>, grants: &[&'a str]) -> Vec<&'a str> {
    for grant in grants {
        args.extend(["--allow", grant]);
    }
    args
}

/// A run of the example with a note.
fn save(note: &str) -> Run {
    let (notes, guard, audit) = (example("notes"), example("guard"), example("audit"));
    let args = vec![
        "run",
        &notes,
        "--with",
        &guard,
        "--with",
        &audit,
        "--payload",
        note,
    ];
    let args = allowing(args, &[&NOTES[..], &GUARD, &AUDIT].concat());
    TestEnvironment::new().boll(&args)
}

#[test]
fn three_capsules_hook_each_other() {
    let saved = save("my secret plan").ends(0);
    assert_eq!(saved.stdout, "my ****** plan");
    assert!(saved.stderr.contains("saved a note"), "{}", saved.stderr);
    // The one that waits above is told of, and not asked.
    let waits = "the capsule `notes`, action `alarm`, is waiting further up";
    assert!(saved.stderr.contains(waits), "{}", saved.stderr);
    save(" ")
        .fails(1)
        .says(&["the capsule `guard` denied: a note needs some text"]);
}

#[test]
fn what_is_missing_is_named_for_every_capsule_at_once() {
    let (notes, guard) = (example("notes"), example("guard"));
    let refused = TestEnvironment::new().boll(&["run", &notes, "--with", &guard]);
    refused.fails(3).says(&[
        "notes needs permissions that have not been granted: \"publish:notes.*\", \"subscribe:audit.alarm\"",
        "guard needs permissions that have not been granted",
        "--allow 'guard=publish:guard.masked'",
        "[capsule.notes]",
        "[capsule.guard]",
    ]);
}

#[test]
fn a_topic_is_published_from_a_shell() {
    let (guard, audit) = (example("guard"), example("audit"));
    let grants = [&GUARD[..], &AUDIT].concat();
    let env = TestEnvironment::new();
    let publish = |more: &[&str]| {
        let args = [&["trigger"], more, &[&guard, &audit]].concat();
        env.boll(&allowing(args, &grants))
    };
    let told = publish(&["notes.saved", "--payload", "\"x\""]).ends(0);
    assert_eq!(
        told.stdout,
        "audit count: continue {\\\"saved\\\":1,\\\"masked\\\":0}\n"
    );
    let told = publish(&["--output", "json", "notes.saved"]).ends(0);
    let told: serde_json::Value = serde_json::from_str(&told.stdout).expect("JSON");
    assert_eq!(told["answers"][0]["capsule"], "audit");
    assert_eq!(told["answers"][0]["payload"]["saved"], 1);

    let left = publish(&["notes.save", "--intercept", "--payload", "\"a secret\""]).ends(0);
    assert_eq!(left.stdout, "\"a ******\"");
    publish(&["notes.save", "--intercept", "--payload", "\" \""])
        .fails(1)
        .says(&["guard denied: a note needs some text"]);
    assert_eq!(
        publish(&["nobody.hears"]).ends(0).stdout,
        "nobody subscribes to it\n"
    );
    publish(&["a..b"])
        .fails(2)
        .says(&["`` is no segment of a topic"]);
}

#[test]
fn a_grant_goes_to_a_capsule_that_is_there() {
    let notes = example("notes");
    let env = TestEnvironment::new();
    env.boll(&["up", &notes, "--allow", "publish:x"])
        .fails(2)
        .says(&["--allow \"publish:x\" names no capsule", "CAPSULE=GRANT"]);
    env.boll(&["run", &notes, "--allow", "nobody=publish:x"])
        .fails(2)
        .says(&["`nobody`, which is not loaded", "loaded capsules: notes"]);
}

/// The same decision as that of a run.
#[test]
fn the_use_of_a_topic_is_explained() {
    let guard = example("guard");
    let env = TestEnvironment::new();
    let explain = |use_: &str, topic: &str, more: &[&str]| {
        env.boll(&[&["explain", &guard, use_, topic][..], more].concat())
    };
    let granted = ["--allow", "subscribe:notes.save"];
    let allowed = explain("subscribe", "notes.save", &granted).ends(0);
    assert!(
        allowed
            .stdout
            .starts_with("allowed: subscribe notes.save\n"),
        "{}",
        allowed.stdout
    );
    assert!(
        allowed
            .stdout
            .contains("granted    by --allow: subscribe:notes.save")
    );
    explain("subscribe", "notes.saved", &granted)
        .ends(3)
        .says(&[
            "the manifest has no [[hook]] for this topic",
            "action = \"ACTION\"",
        ]);
    explain("publish", "guard.masked", &[]).ends(3).says(&[
        "\"publish:guard.masked\" would",
        "--allow publish:guard.masked",
    ]);
    explain("publish", "news", &[])
        .ends(3)
        .says(&["no [[publish]] for this topic", "topic = \"news\""]);
}

#[test]
fn circles_of_requirements_are_named() {
    let env = TestEnvironment::new();
    let component = service_bytes();
    for (id, other) in [("a", "b"), ("b", "a")] {
        env.capsule(id, &component, &format!("[requires]\n{other} = \"1\""));
    }
    env.boll(&["up", "a", "b"])
        .fails(2)
        .says(&["they require each other: a -> b -> a"]);
    env.boll(&["up", "a"])
        .fails(2)
        .says(&["it requires the capsule `b`, which is not loaded"]);
}

#[test]
fn capsules_stay_until_they_are_interrupted() {
    let env = TestEnvironment::new();
    let component = service_bytes();
    env.capsule("base", &component, "");
    env.capsule("top", &component, "[requires]\nbase = \"1\"");
    let mut up = env
        .boll_command(&["up", "top", "base"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("boll starts");
    let mut told = BufReader::new(up.stdout.take().expect("it is piped"));
    let mut lines = Vec::new();
    while !["base: ready", "top: ready"]
        .iter()
        .all(|state| lines.iter().any(|line| line == state))
    {
        let mut line = String::new();
        let read = told.read_line(&mut line).expect("its output");
        assert!(read > 0, "it ended: {lines:?}");
        lines.push(line.trim_end().to_owned());
    }
    let pid = i32::try_from(up.id()).expect("a pid");
    kill(Pid::from_raw(pid), Signal::SIGINT).expect("a signal");
    let mut rest = String::new();
    told.read_to_string(&mut rest).expect("its output");
    assert_eq!(up.wait().expect("it ends").code(), Some(130));
    for state in ["base: unloaded", "top: unloaded"] {
        assert!(rest.contains(state), "{rest}");
    }
}
