//! `boll conformance`: the suite on Boll and on other hosts.

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

#[test]
fn boll_passes_every_case_of_the_suite() {
    let run = conformance(&["--output", "json"]).ends(0);
    let results = run.json();
    let cases = results["cases"].as_array().expect("cases");
    let wrong: Vec<&Value> = cases
        .iter()
        .filter(|case| case["result"] != "passed")
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(!cases.is_empty());
}
