//! `boll doctor`: what works on this machine, and what is missing.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::environment::TestEnvironment;
use crate::support::guests::prepared;

const NAMES: [&str; 7] = [
    "sandbox",
    "rust target",
    "cargo",
    "git",
    "node",
    "python",
    "c compiler",
];

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
    let run = env
        .boll_on(env.current(), &["doctor", "--output", "json"])
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

#[test]
fn the_tools_of_a_language_are_missing_only_where_it_is_asked_for() {
    prepared();
    let env = TestEnvironment::new();
    let statuses = |args: &[&str]| -> Vec<String> {
        let args = [&["doctor", "--output", "json"], args].concat();
        let json = env.boll_on(env.current(), &args).ends(4).json();
        ["node", "python", "c compiler"]
            .map(|name| {
                let all = json.as_array().expect("a list");
                let one = all.iter().find(|one| one["name"] == name);
                one.expect("it is looked for")["status"].to_string()
            })
            .to_vec()
    };
    assert_eq!(statuses(&[]), ["\"ok\""; 3]);
    assert_eq!(
        statuses(&["--lang", "c", "--lang", "python"]),
        ["\"ok\"", "\"missing\"", "\"missing\""]
    );
}

#[test]
fn the_tools_are_not_asked_in_the_current_folder() {
    prepared();
    let env = TestEnvironment::new();
    // A link of `rustup`'s takes another compiler where the folder says so, and Python
    // imports the folder's modules.
    env.write("ensurepip.py", "open('imported', 'w')\n");
    env.write("tools/asked", "");
    let asked = env.current().join("tools/asked");
    for name in ["rustc", "cargo", "node", "git", "go", "clang", "make"] {
        let script = format!("#!/bin/sh\necho {name} $(pwd -P) >> {}\n", asked.display());
        env.write(&format!("tools/{name}"), script);
        let tool = env.current().join("tools").join(name);
        fs::set_permissions(tool, fs::Permissions::from_mode(0o755)).expect("chmod");
    }
    let path = std::env::var("PATH").expect("PATH");
    let path = format!("{}:{path}", env.current().join("tools").display());
    env.boll_on(path, &["doctor"]);
    let asked = fs::read_to_string(asked).expect("what was asked");
    assert!(asked.contains("cargo /\n"), "{asked}");
    assert!(asked.contains("rustc /\n"), "{asked}");
    assert!(asked.lines().all(|line| line.ends_with(" /")), "{asked}");
    assert!(!env.current().join("imported").exists());
}
