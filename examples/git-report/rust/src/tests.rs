//! The capsule with a fake host in place of git.
#![allow(clippy::unwrap_used)]

use super::GitReport;
use boll_sdk::process::{Error, Output};
use boll_sdk::{Capsule, Event, Failure, fake};
use serde_json::{Value, json};

const TWO: &str = "2024-05-02T10:00:00+02:00\0Bea\0b@x.org\0\
                   2024-05-01T10:00:00+02:00\0Ann\0a@x.org\0";

fn host(output: Result<Output, Error>) -> fake::Host {
    let host = fake::Host::new().config("limit", "3").config_unset("label");
    host.process(move |_| output.clone())
}

fn report() -> Result<Value, Failure> {
    let reply = GitReport::handle("report", Event::default())?;
    Ok(serde_json::from_slice(reply.payload().unwrap())?)
}

#[test]
fn reports_the_authors_and_the_dates() {
    let host = host(Ok(fake::exited(0, TWO, ""))).install();
    assert_eq!(
        report().unwrap(),
        json!({
            "repository": "/workspace",
            "commits": 2,
            "authors": [
                {"name": "Ann", "email": "a@x.org", "commits": 1},
                {"name": "Bea", "email": "b@x.org", "commits": 1},
            ],
            "first": "2024-05-01T10:00:00+02:00",
            "last": "2024-05-02T10:00:00+02:00",
            "truncated": false,
        })
    );
    let command = &host.commands()[0];
    assert_eq!(command.get_program(), "git");
    assert_eq!(command.get_args()[0], "log");
    assert!(command.get_args().contains(&"--max-count=4".to_owned()));
    assert_eq!(host.log().len(), 3);
}

#[test]
fn the_limit_cuts_and_says_so() {
    let commits = TWO.to_owned() + TWO;
    let _host = host(Ok(fake::exited(0, commits, ""))).install();
    let report = report().unwrap();
    assert_eq!(report["commits"], 3);
    assert_eq!(report["truncated"], true);
    assert_eq!(report["authors"][0]["name"], "Bea");
    assert_eq!(report["authors"][0]["commits"], 2);
}

#[test]
fn a_label_names_the_repository() {
    let host = host(Ok(fake::exited(0, TWO, ""))).config("label", "notes");
    let _host = host.install();
    assert_eq!(report().unwrap()["repository"], "notes");
}

#[test]
fn an_empty_repository_has_no_commits() {
    let complaint = "fatal: your current branch 'main' does not have any commits yet\n";
    let _host = host(Ok(fake::exited(128, "", complaint))).install();
    let report = report().unwrap();
    assert_eq!(report["commits"], 0);
    assert_eq!(report["authors"], json!([]));
    assert!(report["first"].is_null() && report["last"].is_null());
}

#[test]
fn what_git_complains_about_is_the_failure() {
    let _host = host(Ok(fake::exited(128, "", "fatal: not a git repository\n"))).install();
    let failure = report().unwrap_err().to_string();
    assert_eq!(
        failure,
        "git: exit status: 128: fatal: not a git repository"
    );
}

#[test]
fn odd_names_are_kept() {
    let _host = host(Ok(fake::exited(0, b"d\0A\n\xff\x1f\0\0", ""))).install();
    let report = report().unwrap();
    assert_eq!(report["authors"][0]["name"], "A\n\u{fffd}\u{1f}");
    assert_eq!(report["authors"][0]["email"], "");
}

#[test]
fn nothing_is_no_commit() {
    let _host = host(Ok(fake::exited(0, "", ""))).install();
    assert_eq!(report().unwrap()["commits"], 0);
}
