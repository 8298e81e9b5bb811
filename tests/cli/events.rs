//! Standard error as one stream: with JSON asked for, each line is an object with a `kind`.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::environment::{Run, TestEnvironment};

/// The events of a run, each of which is an object with a kind and keys of one style.
fn events(run: &Run) -> Vec<Value> {
    let lines = run.stderr.lines();
    let events: Vec<Value> = lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    for event in &events {
        let kind = event["kind"].as_str();
        let kinds = ["error", "log", "progress", "note", "tool", "warning"];
        assert!(kind.is_some_and(|kind| kinds.contains(&kind)), "{event}");
        let keys = event.as_object().expect("an object").keys();
        let plain = |one: char| one.is_ascii_lowercase() || one == '_';
        assert!(keys.clone().all(|key| key.chars().all(plain)), "{event}");
    }
    events
}

fn kinds(run: &Run) -> BTreeSet<String> {
    let events = events(run);
    let kinds = events.iter().filter_map(|event| event["kind"].as_str());
    kinds.map(str::to_owned).collect()
}

/// A capsule whose Makefile prints, and takes what is in `component` for its component.
fn with_makefile(env: &TestEnvironment, recipe: &str) {
    let manifest = "[capsule]\nid = \"made\"\nversion = \"1.0.0\"\n";
    env.write("made/Capsule.toml", manifest);
    env.write("made/component", crate::support::guests::guests_bytes());
    env.write(
        "made/Makefile",
        format!("dist/capsule.wasm: component\n\techo begun; echo odd >&2\n\t{recipe}\n"),
    );
}

const COPY: &str = "mkdir -p dist; cp component $@";

#[test]
fn a_build_a_log_and_a_failure_are_events() {
    let env = TestEnvironment::new();
    with_makefile(&env, COPY);
    for args in [
        &["run", "made", "log-lines", "--build", "--output", "json"][..],
        &["run", "made", "log-lines", "--output=json", "--verbose"],
        &["run", "made", "log-lines", "--log-format", "json"],
        &["run", "made", "fail", "--output", "json", "--quiet"],
        &["run", "made", "fail", "--log-format=json"],
        &["run", "made", "panic", "--output", "json"],
        &[
            "dev",
            "made",
            "nobody",
            "--time-ms",
            "never",
            "--log-format",
            "json",
        ],
    ] {
        let run = env.boll(args);
        let events = events(&run);
        let errors = events.iter().filter(|event| event["kind"] == "error");
        assert_eq!(errors.count(), usize::from(run.code != 0), "{run:#?}");
        if run.code != 0 {
            assert_eq!(
                events.last().expect("an event")["exit"],
                run.code,
                "{run:#?}"
            );
        }
    }
    let run = env
        .boll(&["run", "made", "log-lines", "--log-format", "json"])
        .ends(0);
    assert!(kinds(&run).contains("log"), "{run:#?}");
}

#[test]
fn a_tools_lines_and_steps_are_events() {
    let env = TestEnvironment::new();
    with_makefile(&env, COPY);
    let run = env
        .boll(&["build", "made", "--output", "json", "--verbose"])
        .ends(0);
    let events = events(&run);
    let of = |kind: &str, key: &str| -> Vec<&Value> {
        let of_kind = events.iter().filter(|event| event["kind"] == kind);
        of_kind.map(|event| &event[key]).collect()
    };
    assert_eq!(of("progress", "state"), ["started", "done"], "{run:#?}");
    assert!(
        events.last().expect("an event")["time_ms"].is_u64(),
        "{run:#?}"
    );
    let tool = of("tool", "message");
    assert!(tool.contains(&&Value::from("begun")), "{run:#?}");
    assert!(tool.contains(&&Value::from("odd")), "{run:#?}");

    with_makefile(&env, "false");
    env.write("made/component", "newer");
    let run = env.boll(&["build", "made", "--output", "json"]).fails(2);
    let kinds = kinds(&run);
    assert!(
        kinds.contains("error") && kinds.contains("progress"),
        "{run:#?}"
    );
}

#[test]
fn what_only_looks_writes_events_too() {
    let env = TestEnvironment::new();
    with_makefile(&env, COPY);
    for args in [
        &["check", "made"][..],
        &["explain", "made", "process", "ls"],
        &["inspect", "nowhere"],
        &["doctor", "--lang", "nobody"],
        &["test", "made"],
        &["conformance", "--suite", "nowhere"],
        &["new", "made", "--lang", "rust"],
        &["up", "nowhere"],
        &["trigger", "topic", "nowhere"],
    ] {
        let run = env.boll(&[&["--output", "json"], args].concat());
        assert_ne!(run.code, 0, "{run:#?}");
        assert!(kinds(&run).contains("error"), "{args:?}: {run:#?}");
    }
}

#[test]
fn as_text_nothing_is_an_event() {
    let env = TestEnvironment::new();
    with_makefile(&env, COPY);
    let run = env.boll(&["build", "made"]).ends(0);
    assert!(run.stderr.contains("running `make`: done ("), "{run:#?}");
    assert!(!run.stderr.contains("\"kind\""), "{run:#?}");
    // Log lines can be text among events.
    let args = [
        "run",
        "made",
        "log-lines",
        "--output",
        "json",
        "--log-format",
        "text",
    ];
    let run = env.boll(&args).ends(0);
    assert!(
        run.log().is_empty() && run.stderr.contains(" INFO  [capsule] "),
        "{run:#?}"
    );
}
