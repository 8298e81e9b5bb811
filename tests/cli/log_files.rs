//! `[log]` of the operator's file: files besides standard error.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::environment::TestEnvironment;

/// An environment whose operator wants log files in a folder that is not there.
fn environment(more: &str) -> (TestEnvironment, PathBuf) {
    let env = TestEnvironment::new();
    let path = env.operator().with_file_name("logs");
    env.grant(&format!(
        "[log]\ndirectory = \"{}\"\n{more}",
        path.display()
    ));
    (env, path)
}

fn lines(folder: PathBuf) -> Vec<Value> {
    let mut lines = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder") {
        let text = fs::read_to_string(entry.expect("an entry").path()).expect("text");
        lines.extend(
            text.lines()
                .map(|line| serde_json::from_str(line).expect("JSON")),
        );
    }
    lines
}

#[test]
fn lines_go_to_files_and_to_standard_error() {
    let (env, path) = environment("principals = [\"ann\"]\n");
    let guests = env.guests("");
    let run = |principal: &[&str]| {
        let args = [&["run", &guests, "log-lines", "--quiet"], principal].concat();
        env.boll(&args).ends(0)
    };
    let shown = run(&["--principal", "ann"]).log();
    run(&["--principal", "bob"]);
    run(&[]);
    assert_eq!(lines(path.join("principals/ann/guests")), shown);
    assert_eq!(lines(path.join("unadmitted")).len(), 5);
    assert_eq!(lines(path.join("no-principal/guests")).len(), 5);
    assert!(!path.join("principals/bob").exists());
}

#[test]
fn old_files_are_removed_when_a_run_starts() {
    let (env, path) = environment("keep-days = 7\n");
    let old = path.join("host/2001-01-01.jsonl");
    fs::create_dir_all(old.parent().expect("a folder")).expect("a folder");
    fs::write(&old, "").expect("written");
    let guests = env.guests("");
    env.boll(&["run", &guests, "log-lines", "--quiet"]).ends(0);
    assert!(!old.exists());
}

#[test]
fn the_rate_is_the_operators() {
    let env = TestEnvironment::new();
    env.grant("[log]\nrate = 1\nburst = 2\n");
    let guests = env.guests("");
    let run = env.boll(&["run", &guests, "log-lines", "--quiet"]).ends(0);
    let messages = run.messages();
    assert_eq!(messages.len(), 3, "{messages:?}");
    assert!(
        messages[2].starts_with("3 log lines dropped: a capsule may log 1 lines"),
        "{messages:?}"
    );
}

#[test]
fn what_does_not_fit_is_refused_at_its_line() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    let workspace = env.current().join("logs").display().to_string();
    for (text, why) in [
        ("directory = \"logs\"".to_owned(), "not an absolute path"),
        (
            format!("directory = \"{workspace}\""),
            "which processes of capsules see",
        ),
        ("rotate-mib = 1".to_owned(), "no `directory` is set"),
        ("rate = 0".to_owned(), "from 1 to 4294967295"),
        ("rate = \"fast\"".to_owned(), "from 1 to 4294967295"),
        ("folder = \"/x\"".to_owned(), "unknown key `folder`"),
    ] {
        env.grant(&format!("[log]\n{text}\n"));
        env.boll(&["run", &guests, "log-lines"])
            .fails(2)
            .says(&[why, "boll.toml:2"]);
    }
}

#[test]
fn a_directory_that_cannot_be_used_is_named() {
    let (env, path) = environment("");
    fs::write(&path, "a file").expect("written");
    let guests = env.guests("");
    let run = env.boll(&["run", &guests, "log-lines"]).fails(4);
    run.says(&[&path.display().to_string(), "`directory` of [log]"]);
}

#[test]
fn the_format_on_standard_error_can_be_chosen() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    let run = |format: &str| {
        let args = [
            "run",
            &guests,
            "log-lines",
            "--quiet",
            "--log-format",
            format,
        ];
        env.boll(&args).ends(0)
    };
    assert_eq!(run("json").log().len(), 5);
    // No terminal is there.
    assert_eq!(run("auto").log().len(), 5);
    let text = run("text");
    assert!(text.log().is_empty());
    assert_eq!(text.stderr.lines().count(), 5, "{}", text.stderr);
    assert!(
        text.stderr
            .contains(" ERROR [capsule] guests: a line of level Error\n"),
        "{}",
        text.stderr
    );
    assert!(!text.stderr.contains('\u{1b}'));
}
