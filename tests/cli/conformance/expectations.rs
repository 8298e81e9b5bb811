//! What is known of a host, and what happens otherwise than known.

use super::{conformance, ended};
use crate::support::environment::{Run, TestEnvironment};

/// Runs a case with these expectations.
fn expecting(text: &str) -> Run {
    let environment = TestEnvironment::new();
    let file = environment.write("known.toml", text);
    let file = file.to_str().expect("UTF-8");
    conformance(&["--output", "json", "--only", "config-get", "--expect", file])
}

#[test]
fn a_case_that_passes_although_it_is_known_not_to_is_reported() {
    for expect in ["fails", "unsupported"] {
        let text = format!("[case.config-get]\nexpect = \"{expect}\"\nreason = \"it is old\"");
        let run = expecting(&text)
            .ends(1)
            .says(&["1 of 1 cases ended otherwise"]);
        let results = run.json();
        assert_eq!(ended(&results, "passed"), ["config-get"]);
        assert_eq!(results["cases"][0]["as_expected"], false);
        assert_eq!(results["cases"][0]["known"]["reason"], "it is old");
        assert_eq!(results["unexpected"], 1);
    }
}

#[test]
fn expectations_of_other_cases_change_nothing() {
    let text = "[case.log-emit]\nexpect = \"fails\"\nreason = \"it is old\"";
    let run = expecting(text).ends(0);
    assert_eq!(run.json()["passed"], 1);
}

#[test]
fn a_mistake_among_expectations_is_told() {
    for (text, says) in [
        (
            "[case.nothing]\nexpect = \"fails\"\nreason = \"x\"",
            "no case `nothing`",
        ),
        (
            "[case.config-get]\nexpect = \"fails\"\nreason = \" \"",
            "gives no reason",
        ),
        (
            "[case.config-get]\nexpect = \"fails\"",
            "missing field `reason`",
        ),
        (
            "[case.config-get]\nexpect = \"breaks\"\nreason = \"x\"",
            "unknown variant `breaks`",
        ),
        ("cases = 1", "unknown field `cases`"),
    ] {
        expecting(text).fails(2).says(&["known.toml", says]);
    }
}
