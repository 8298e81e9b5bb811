//! What goes where: the result to standard output, all else to standard error.

use serde_json::{Value, json};

use crate::support::environment::TestEnvironment;
use crate::support::repository::Repository;
use crate::{GIT_LOG, example};

#[test]
fn the_log_is_json_lines_on_standard_error() {
    let repository = Repository::with_commits();
    let rust = example("rust");
    let run = TestEnvironment::new()
        .at(repository.path())
        .boll(&[
            "run",
            &rust,
            "--allow",
            GIT_LOG,
            "--quiet",
            "--principal",
            "ann",
            "--call-id",
            "c-1",
        ])
        .ends(0);
    assert_eq!(
        run.messages(),
        ["running git", "git ended", "read the commits"]
    );
    // Nothing else is there: each line is one of the log's.
    assert_eq!(run.log().len(), run.stderr.lines().count());
    for line in run.log() {
        let origin = ["capsule", "principal", "call", "level", "source"].map(|key| &line[key]);
        let expected = ["git-report", "ann", "c-1", "info", "capsule"].map(Value::from);
        assert_eq!(origin, expected.each_ref(), "{line}");
    }
    assert_eq!(
        run.log()[2]["fields"],
        json!({"commits": 8, "truncated": false})
    );
}

#[test]
fn the_level_chooses_the_lines() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    for (level, expected) in [("trace", 7), ("info", 5), ("error", 1)] {
        let run = env
            .boll(&["run", &guests, "log-lines", "--quiet", "--log-level", level])
            .ends(0);
        assert_eq!(run.log().len(), expected, "{level}");
    }
}

#[test]
fn no_line_of_a_capsule_passes_for_another() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    let run = env.boll(&["run", &guests, "log-lines", "--quiet"]).ends(0);
    assert_eq!(run.log().len(), run.stderr.lines().count());
    assert!(run.messages().iter().all(|message| message != "forged"));
    for line in run.log() {
        assert_eq!(line["capsule"], "guests");
    }
    assert!(!run.stderr.contains('\u{1b}'));
}

#[test]
fn what_a_capsule_prints_is_log_and_never_a_result() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    let run = env.boll(&["run", &guests, "stdout", "--quiet"]).ends(0);
    assert_eq!(run.stdout, "");
    let mut lines: Vec<(String, String)> = run
        .log()
        .iter()
        .map(|line| {
            let text = |key: &str| line[key].as_str().expect("a text").to_owned();
            (text("source"), text("message"))
        })
        .collect();
    lines.sort();
    let expected = [
        ("stderr", "one line on stderr"),
        ("stdout", "no end of line"),
        ("stdout", "on stdout"),
        ("stdout", "one line on stdout"),
        ("stdout", "two lines"),
    ];
    assert_eq!(
        lines,
        expected.map(|(source, text)| (source.to_owned(), text.to_owned()))
    );
}

#[test]
fn the_hosts_own_warnings_are_lines_of_the_same_log() {
    let env = TestEnvironment::new();
    let logs = env.operator().with_file_name("logs");
    env.grant(&format!("[log]\ndirectory = \"{}\"\n", logs.display()));
    let guests = env.guests("[instance]\nmemory-mib = 5000\ntime-ms = 99999999\n");
    let run = |more: &[&str]| {
        let args = [&["run", &guests, "echo", "--payload", "hi"], more].concat();
        env.boll(&args).ends(0)
    };
    let shown = run(&[]);
    let warned = |line: &Value| {
        let message = line["message"].as_str().expect("a message");
        message.contains("memory-mib = 5000") && message.contains("256 MiB")
    };
    let shown: Vec<Value> = shown.log().into_iter().filter(warned).collect();
    let [line] = shown.as_slice() else {
        panic!("one warning: {shown:?}");
    };
    let message = line["message"].as_str().expect("a message");
    assert!(message.contains("time-ms = 99999999"), "{message}");
    assert_eq!([&line["level"], &line["source"]], ["warn", "host"]);
    let of_host = std::fs::read_dir(logs.join("host"))
        .expect("files")
        .flatten();
    let written: String = of_host
        .map(|file| std::fs::read_to_string(file.path()).expect("text"))
        .collect();
    let mut written = written.lines().map(serde_json::from_str::<Value>);
    assert!(written.any(|written| written.expect("JSON") == *line));
    let text = run(&["--log-format", "text"]);
    assert!(
        text.stderr.contains(" WARN  [host] memory-mib = 5000"),
        "{text:?}"
    );
    let quiet = run(&["--quiet"]);
    assert_eq!(quiet.stderr, "");
    // An error is said even then.
    env.boll(&["run", &guests, "nobody", "--quiet"])
        .fails(2)
        .says(&["error: "]);
    let check = env.boll(&["check", &guests]).ends(0);
    for holds in [
        "memory 256 MiB, the host's limit; the manifest asks for 5000 MiB",
        "time of a call 600000 ms, the host's limit; the manifest asks for 99999999 ms",
    ] {
        assert!(check.stdout.contains(holds), "{check:?}");
    }
}
