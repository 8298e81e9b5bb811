//! `boll conformance --mutants`: each case can fail, and a case that cannot is found.

use std::fs;

use serde_json::{Value, json};

use super::archive::{files, packed};
use super::conformance;
use crate::support::environment::TestEnvironment;
use crate::support::root;

/// The faults of a list or of a result.
fn faults(value: &Value) -> &Vec<Value> {
    let faults = value.get("faults").unwrap_or(value);
    faults.as_array().expect("faults")
}

#[test]
fn every_case_has_a_fault_that_it_notices() {
    let list = conformance(&["--list", "--mutants", "--format", "json"]).ends(0);
    let list: Value = serde_json::from_str(&list.stdout).expect("JSON");
    let faults = faults(&list);
    assert!(faults.len() >= 60, "{}", faults.len());
    for folder in fs::read_dir(root().join("tests/conformance/cases")).expect("the cases") {
        let name = folder.expect("an entry").file_name();
        let case = name.to_str().expect("UTF-8");
        let has_one = faults.iter().any(|fault| fault["case"] == case);
        assert!(has_one, "no fault makes {case} fail");
    }
}

/// The faults of the cases that take little time; CI tries all.
#[test]
fn each_fault_is_noticed() {
    let quick = [
        "capability",
        "config-*",
        "files",
        "handler*",
        "hook-depth",
        "hook-intercept",
        "hook-large",
        "hook-patterns",
        "hook-publish",
        "hook-self",
        "hook-ungranted",
        "instance",
        "lifecycle-*",
        "log-*",
        "process-network",
        "process-workspace",
        "process-arguments",
        "requires",
    ];
    let only: Vec<&str> = quick.iter().flat_map(|name| ["--only", *name]).collect();
    let args = [&["--mutants", "--output", "json"], &only[..]].concat();
    let run = conformance(&args).ends(0);
    let results = run.json();
    let faults = faults(&results);
    assert!(faults.len() >= 60, "{}", faults.len());
    let missed: Vec<&Value> = faults
        .iter()
        .filter(|fault| fault["result"] != "caught")
        .collect();
    assert!(missed.is_empty(), "{missed:#?}");
    assert_eq!(results["cases_without_fault"], json!([]));
}

/// A suite with one case, which does these steps.
fn suite(environment: &TestEnvironment, steps: &Value) -> String {
    for (name, bytes) in files(&packed(environment, "suite.tar.gz")) {
        if name.contains("config-all") || name == "index.json" {
            continue;
        }
        let mut bytes = bytes;
        if name == "cases/config-get/case.json" {
            let mut case: Value = serde_json::from_slice(&bytes).expect("JSON");
            case["steps"] = steps.clone();
            bytes = serde_json::to_vec(&case).expect("JSON");
        }
        environment.write(&format!("suite/{name}"), bytes);
    }
    let folder = environment.current().join("suite");
    folder.display().to_string()
}

#[test]
fn a_case_that_notices_no_fault_is_found() {
    let environment = TestEnvironment::new();
    let weak = json!([{"do": "run-case", "name": "too-long"}]);
    let folder = suite(&environment, &weak);
    let args = ["conformance", "--mutants", "--suite", &folder];
    environment.boll(&args).fails(3).says(&["--allow-network"]);
    let more = ["--allow-network", "--output", "json"];
    let run = environment.boll(&[&args[..], &more].concat()).ends(1);
    let results = run.json();
    for (fault, result) in [
        ("config-key-any-length", "caught"),
        ("config-unset-is-empty", "missed"),
        ("config-empty-is-unset", "missed"),
    ] {
        let found = faults(&results).iter().find(|one| one["fault"] == fault);
        assert_eq!(found.expect(fault)["result"], result, "{fault}");
    }
}

#[test]
fn a_case_that_fails_without_a_fault_proves_nothing() {
    let environment = TestEnvironment::new();
    let failing = json!([{"do": "run-case", "name": "not there"}]);
    let folder = suite(&environment, &failing);
    let args = [
        "conformance",
        "--mutants",
        "--allow-network",
        "--suite",
        &folder,
    ];
    let run = environment.boll(&args).ends(1);
    run.says(&["config-get does not pass on boll"]);
}

#[test]
fn mutants_are_of_a_run_and_take_no_expectations() {
    conformance(&["--mutants", "--expect", "known.toml"]).fails(2);
    conformance(&["--mutants", "--pack", "suite.tar.gz"]).fails(2);
    conformance(&["--mutants", "--list", "--format", "tap"])
        .fails(2)
        .says(&["table, json or markdown"]);
}
