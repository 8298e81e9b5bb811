//! `boll conformance`: the suite on Boll and on other hosts.

mod archive;
mod expectations;
mod hosts;
mod mutants;
mod reach;
mod stranger;

use std::fs;

use serde_json::Value;

use crate::support::environment::{Run, TestEnvironment};
use crate::support::guests::prepared;
use crate::support::root;

/// `boll conformance` in the checkout.
fn conformance(args: &[&str]) -> Run {
    prepared();
    let args: Vec<&str> = ["conformance"].iter().chain(args).copied().collect();
    TestEnvironment::new().at(root()).boll(&args)
}

/// The cases of a result in JSON that ended in this way.
fn ended<'a>(results: &'a Value, how: &str) -> Vec<&'a str> {
    let cases = results["cases"].as_array().expect("cases").iter();
    cases
        .filter(|case| case["result"] == how)
        .map(|case| case["case"].as_str().expect("a name"))
        .collect()
}

#[test]
fn boll_passes_every_case_of_the_suite() {
    let run = conformance(&["--output", "json"]);
    let results = run.json();
    let cases = results["cases"].as_array().expect("cases");
    let wrong: Vec<&Value> = cases
        .iter()
        .filter(|case| case["result"] != "passed")
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(run.code, 0);
    let folders = fs::read_dir(root().join("tests/conformance/cases")).expect("the cases");
    assert_eq!(cases.len(), folders.count());
}

#[test]
fn the_document_shows_what_the_suite_covers() {
    let list = conformance(&["--list", "--format", "markdown"]).ends(0);
    let document = fs::read_to_string(root().join("docs/conformance.md")).expect("the document");
    assert!(
        document.ends_with(&list.stdout),
        "the table at the end of docs/conformance.md is not what\n\
         `boll conformance --list --format markdown` writes:\n{}",
        list.stdout
    );
}

#[test]
fn every_form_is_what_its_readers_take() {
    let only = ["--only", "config-all", "--only", "config-get", "--format"];
    let with = |format: &str| conformance(&[&only[..], &[format]].concat()).ends(0).stdout;
    let tap = with("tap");
    assert!(tap.starts_with("TAP version 14\n1..2\n"), "{tap}");
    assert!(
        tap.ends_with("ok 1 - config-all\nok 2 - config-get\n"),
        "{tap}"
    );
    let junit = with("junit");
    assert!(junit.starts_with("<?xml"), "{junit}");
    assert!(junit.contains("tests=\"2\""), "{junit}");
    let table = with("table");
    assert!(
        table.starts_with("boll 0.2.0\n  passed  config-"),
        "{table}"
    );
    assert!(table.ends_with("\n2 passed, 0 failed\n"), "{table}");
}

#[test]
fn what_is_asked_wrongly_is_told() {
    for (args, says) in [
        (
            &["--only", "nothing-*"][..],
            "no case is called `nothing-*`",
        ),
        (
            &["--format", "markdown", "--only", "config-get"],
            "--list --format markdown",
        ),
        (&["--list", "--format", "tap"], "table, json or markdown"),
        (&["--host", "''\"", "--only", "config-get"], "is no command"),
        (&["--suite", "docs"], "a suite is a folder with `cases`"),
        (&["--suite", "README.md"], "no archive of a suite"),
        (&["--serve", "--list"], "cannot be used with"),
    ] {
        conformance(args).fails(2).says(&[says]);
    }
    let elsewhere = TestEnvironment::new().boll(&["conformance"]);
    elsewhere.fails(2).says(&["in no checkout", "--suite FILE"]);
}
