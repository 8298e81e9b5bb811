//! `boll doctor`: what works on this machine, and what is missing.

use crate::support::environment::{Run, TestEnvironment};
use crate::support::guests::prepared;

const NAMES: [&str; 6] = ["sandbox", "rust target", "cargo", "git", "node", "python"];

#[test]
fn a_machine_that_is_prepared_has_nothing_to_mend() {
    prepared();
    let env = TestEnvironment::new();
    let text = env.boll(&["doctor"]).ends(0).stdout;
    let json = env.boll(&["doctor", "--output", "json"]).ends(0).json();
    let findings = json.as_array().expect("a list");
    for name in NAMES {
        assert!(text.contains(name), "{name}: {text}");
        let found = findings
            .iter()
            .any(|one| one["name"] == name && one["status"] == "ok");
        assert!(found, "{name}: {json:#}");
    }
}

#[test]
fn a_machine_without_tools_is_told_what_to_install() {
    prepared();
    let env = TestEnvironment::new();
    let output = env
        .boll_command(&["doctor", "--output", "json"])
        .env("PATH", env.current())
        .output()
        .expect("boll starts");
    let run = Run::of(output)
        .ends(4)
        .says(&["this machine lacks something"]);
    let json = run.json();
    let git = json
        .as_array()
        .and_then(|findings| findings.iter().find(|one| one["name"] == "git"))
        .expect("git is looked for");
    assert_eq!(git["status"], "missing");
    assert_eq!(git["fix"]["install"]["packages"][0], "git");
}
