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
