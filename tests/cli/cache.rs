//! `boll cache`: what is compiled is listed, and removed when it is asked for.

use std::fs;

use crate::support::environment::{Run, TestEnvironment};

#[test]
fn compiled_components_are_listed_and_cleared() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    let folder = env.current().join("own-cache");
    let boll = |args: &[&str]| {
        let mut command = env.boll_command(args);
        command.env("XDG_CACHE_HOME", &folder);
        Run::of(command.output().expect("boll starts"))
    };
    let empty = boll(&["cache", "list", "--output", "json"]).ends(0).json();
    assert_eq!(empty["components"], serde_json::json!([]));
    boll(&["cache", "clear"]).ends(0);
    assert!(!folder.exists(), "what is not there is not made");

    let run = boll(&["run", &guests, "echo", "--payload", "x", "--verbose"]).ends(0);
    assert!(
        run.stderr.contains("compiled a component"),
        "{}",
        run.stderr
    );
    let listed = boll(&["cache", "list", "--output", "json"]).ends(0).json();
    let components = listed["components"].as_array().expect("a list");
    let [component] = components.as_slice() else {
        panic!("{listed}");
    };
    let file = component["file"].as_str().expect("a path");
    assert_eq!(
        fs::metadata(file).expect("it is there").len(),
        component["bytes"]
    );
    assert_eq!(listed["bytes"], component["bytes"]);
    let text = boll(&["cache", "list"]).ends(0).stdout;
    assert!(text.contains("holds 1 of compiled components"), "{text}");

    let cleared = boll(&["cache", "clear", "--output", "json"]).ends(0).json();
    assert_eq!(cleared["components"][0]["file"], file);
    assert!(!fs::exists(file).expect("readable"));
    let run = boll(&["run", &guests, "echo", "--payload", "x"]).ends(0);
    assert_eq!(run.stdout, "x");
}
