//! The example: its report is what git itself says of a repository.
use serde_json::json;

use crate::support::environment::{Run, TestEnvironment};
use crate::support::repository::Repository;
use crate::{GIT_LOG, example};

fn report_with(repository: &Repository, more: &[&str]) -> Run {
    let rust = example("rust");
    let mut args = vec!["run", &rust, "--allow", GIT_LOG];
    args.extend(more);
    TestEnvironment::new().at(repository.path()).boll(&args)
}

#[test]
fn the_report_is_what_git_itself_says() {
    let repository = Repository::with_commits();
    let run = report_with(&repository, &[]).ends(0);
    assert_eq!(run.json(), repository.expected_report(1000));
}

#[test]
fn an_empty_repository_has_an_empty_report() {
    let run = report_with(&Repository::empty(), &[]).ends(0);
    let expected = json!({
        "repository": "/workspace", "commits": 0, "authors": [],
        "first": null, "last": null, "truncated": false,
    });
    assert_eq!(run.json(), expected);
}

#[test]
fn a_folder_that_is_no_repository_is_the_capsules_failure() {
    let env = TestEnvironment::new();
    let rust = example("rust");
    env.boll(&["run", &rust, "--allow", GIT_LOG])
        .fails(1)
        .says(&["error: the capsule failed: git: exit status: 128: fatal: not a git repository"]);
}

#[test]
fn another_workspace_is_reported() {
    let (here, there) = (Repository::empty(), Repository::with_commits());
    let run = report_with(&here, &["--workspace", there.name()]).ends(0);
    assert_eq!(run.json(), there.expected_report(1000));
}

#[test]
fn a_workspace_by_a_link_is_the_folder_behind_it() {
    let repository = Repository::with_commits();
    let env = TestEnvironment::new();
    std::os::unix::fs::symlink(repository.path(), env.current().join("link")).expect("a link");
    let rust = example("rust");
    let run = env
        .boll(&["run", &rust, "--allow", GIT_LOG, "--workspace", "link"])
        .ends(0);
    assert_eq!(run.json(), repository.expected_report(1000));
}

#[test]
fn a_workspace_that_is_missing_or_no_folder_is_named() {
    let env = TestEnvironment::new();
    env.write("file", "");
    let rust = example("rust");
    for name in ["missing", "file"] {
        env.boll(&["run", &rust, "--allow", GIT_LOG, "--workspace", name])
            .fails(2)
            .says(&["error: cannot", "workspace", name]);
    }
}

#[test]
fn the_limit_cuts_the_report() {
    let repository = Repository::with_commits();
    for limit in [0, 2, 7, 8, 9] {
        let setting = format!("limit={limit}");
        let run = report_with(&repository, &["--config", &setting]).ends(0);
        assert_eq!(run.json(), repository.expected_report(limit), "{limit}");
    }
}

#[test]
fn a_label_names_the_repository() {
    let repository = Repository::empty();
    for label in ["notes", "", "with = sign and\nline"] {
        let setting = format!("label={label}");
        let run = report_with(&repository, &["--config", &setting]).ends(0);
        assert_eq!(run.json()["repository"], label);
    }
}

#[test]
fn configuration_that_does_not_fit_is_refused() {
    let repository = Repository::empty();
    for (setting, complaint) in [
        (
            "limit=x",
            "the configuration key `limit`, from --config: the value is not an integer",
        ),
        (
            "nobody=1",
            "the manifest declares no configuration key `nobody`",
        ),
        ("limit", "expected KEY=VALUE"),
    ] {
        report_with(&repository, &["--config", setting])
            .fails(2)
            .says(&[complaint]);
    }
}

#[test]
fn a_result_as_json_names_the_outcome() {
    let repository = Repository::with_commits();
    let run = report_with(&repository, &["--output", "json"]).ends(0);
    let expected = json!({
        "outcome": "continue",
        "payload": repository.expected_report(1000),
        "payload_is": "json",
    });
    assert_eq!(run.json(), expected);
}

#[test]
fn an_error_as_json_is_the_last_line_on_standard_error() {
    let repository = Repository::empty();
    let run = report_with(&repository, &["--output", "json", "--config", "limit=x"]).fails(2);
    let last = run.stderr.lines().last().expect("a line");
    let error: serde_json::Value = serde_json::from_str(last).expect("JSON");
    assert_eq!(error["exit"], 2);
    let text = error["error"].as_str().expect("a text");
    assert!(text.contains("the value is not an integer"), "{text}");
}
