//! `boll new`: what it writes builds, passes its own cases and runs, in every language.

use std::fs;
use std::path::Path;

use crate::support::environment::{BOLL, Run, TestEnvironment};
use crate::support::go;
use crate::support::guests::prepared;

/// A project in this language goes from nothing to a greeting.
fn begins(language: &str) {
    prepared();
    let env = TestEnvironment::new();
    let boll = |args: &[&str]| {
        let mut command = env.boll_command(args);
        // What a project in Rust depends on is compiled once for all runs.
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new");
        command.env("CARGO_TARGET_DIR", target);
        if language == "go" {
            command.env("PATH", go::path());
        }
        Run::of(command.output().expect("boll starts"))
    };
    let new = boll(&["new", "my-capsule", "--lang", language])
        .ends(0)
        .says(&["cd my-capsule", "boll test"]);
    assert_eq!(new.stdout, "my-capsule\n");

    let build = || boll(&["build", "my-capsule", "--output", "json"]).ends(0);
    let first = build();
    assert_eq!(first.json()["fresh"], false);
    assert!(!first.stderr.contains("warning"), "{first:#?}");
    assert_eq!(build().json()["fresh"], true);
    boll(&["test", "my-capsule", "--strict"]).ends(0);
    let run = boll(&["run", "my-capsule", "--payload", "Ada"]).ends(0);
    assert_eq!(run.stdout, "Hello, Ada!");
    assert_eq!(run.messages(), ["greeted"]);
    let run = boll(&["run", "my-capsule", "--config", "greeting=Ahoy"]).ends(0);
    assert_eq!(run.stdout, "Ahoy, world!");
}

#[test]
fn a_project_in_rust_builds_passes_its_cases_and_runs() {
    begins("rust");
}

#[test]
fn a_project_in_javascript_builds_passes_its_cases_and_runs() {
    begins("js");
}

#[test]
fn a_project_in_typescript_builds_passes_its_cases_and_runs() {
    begins("ts");
}

#[test]
fn a_project_in_python_builds_passes_its_cases_and_runs() {
    begins("python");
}

#[test]
fn a_project_in_c_builds_passes_its_cases_and_runs() {
    begins("c");
}

#[test]
fn a_project_in_go_builds_passes_its_cases_and_runs() {
    begins("go");
}

/// What Boll writes of a project is written anew by another Boll.
#[test]
fn another_boll_writes_the_bindings_anew() {
    prepared();
    for language in ["c", "go"] {
        let env = TestEnvironment::new();
        let build = |boll: &Path| {
            let mut command = env.command(boll.to_str().expect("UTF-8"));
            command.args(["build", "mine", "--output", "json"]);
            command.env("PATH", go::path());
            Run::of(command.output().expect("boll starts")).ends(0)
        };
        let bindings = || {
            let folder = fs::read_dir(env.current().join("mine/gen")).expect("bindings");
            let times = folder.map(|entry| entry?.metadata()?.modified());
            times.map(|time| time.expect("a time")).max()
        };
        env.boll(&["new", "mine", "--lang", language]).ends(0);
        build(Path::new(BOLL));
        let first = bindings();
        // By another process: what this one has open for writing cannot be executed.
        let copied = env
            .command("install")
            .args([BOLL, "boll-of-tomorrow"])
            .status();
        assert!(copied.expect("install starts").success());
        let other = env.current().join("boll-of-tomorrow");
        assert_eq!(build(&other).json()["fresh"], false, "{language}");
        assert!(bindings() > first, "{language}");
        assert_eq!(build(&other).json()["fresh"], true, "{language}");
    }
}

#[test]
fn nothing_is_written_over() {
    let env = TestEnvironment::new();
    let new = |args: &[&str]| env.boll(&[&["new", "mine", "--lang", "c"], args].concat());
    env.write("mine/notes.txt", "precious");
    new(&[]).fails(2).says(&["mine is not empty"]);
    let there = fs::read_dir(env.current().join("mine")).expect("a folder");
    assert_eq!(there.count(), 1);

    env.write("file", "");
    new(&["--dir", "file"]).fails(2).says(&["cannot use file"]);
    fs::create_dir(env.current().join("other place")).expect("a folder");
    new(&["--dir", "other place"])
        .ends(0)
        .says(&["cd 'other place'"]);
    assert!(env.current().join("other place/Capsule.toml").is_file());
}

#[test]
fn a_name_that_is_no_id_is_refused() {
    let env = TestEnvironment::new();
    for name in ["My Capsule", "../up", "-", ""] {
        env.boll(&["new", "--lang", "c", "--", name]).fails(2);
    }
    env.boll(&["new", "My_Capsule", "--lang", "js"])
        .fails(2)
        .says(&["`My_Capsule` is not a capsule id"]);
    let left = fs::read_dir(env.current()).expect("a folder").count();
    assert_eq!(left, 0);
}
