//! Manifests that are wrong: each is refused with its place and what would
//! mend it.

use crate::support::environment::TestEnvironment;

const HEAD: &str = "[capsule]\nid = \"sample\"\nversion = \"1.0.0\"\n";

#[test]
fn a_folder_without_a_manifest_is_no_capsule() {
    let env = TestEnvironment::new();
    for command in ["run", "check", "build"] {
        env.boll(&[command, "."]).fails(2).says(&[
            "error: cannot read ./Capsule.toml: No such file or directory",
            "help: a capsule is a folder with a Capsule.toml",
        ]);
        env.boll(&[command, "nowhere"])
            .fails(2)
            .says(&["cannot read nowhere"]);
    }
}

#[test]
fn an_error_shows_its_line() {
    let env = TestEnvironment::new();
    env.write("Capsule.toml", format!("{HEAD}verison = \"2.0.0\"\n"));
    let run = env.boll(&["run", "Capsule.toml"]).fails(2);
    insta::assert_snapshot!(run.stderr, @r#"
    error: unknown key `verison`
     --> Capsule.toml:4:1
      |
    4 | verison = "2.0.0"
      | ^^^^^^^
      |
      = help: did you mean `version`?
    "#);
}

#[test]
fn an_error_as_json_has_its_place() {
    let env = TestEnvironment::new();
    env.write("Capsule.toml", format!("{HEAD}verison = \"2.0.0\"\n"));
    let run = env
        .boll(&["run", "Capsule.toml", "--output", "json"])
        .fails(2);
    let error: serde_json::Value = serde_json::from_str(&run.stderr).expect("JSON");
    assert_eq!(
        error,
        serde_json::json!({
            "kind": "error",
            "error": "Capsule.toml:4:1: unknown key `verison`",
            "hints": ["did you mean `version`?"],
            "exit": 2,
            "file": "Capsule.toml",
            "line": 4,
            "column": 1,
        })
    );
}

#[test]
fn every_fault_has_a_place_and_a_reason() {
    let env = TestEnvironment::new();
    for (text, place, complaint) in [
        ("", "1:1", "missing field `capsule`"),
        (
            "[capsule]\nid = \"a\nversion = \"1.0.0\"",
            "2:8",
            "invalid basic string",
        ),
        ("[capsule]\nid = \"a\"\n", "1:1", "missing field `version`"),
        (
            "[capsule]\nid = \"A B\"\nversion = \"1.0.0\"",
            "2:6",
            "`A B` is not a capsule id",
        ),
        (
            "[capsule]\nid = \"../x\"\nversion = \"1.0.0\"",
            "2:6",
            "is not a capsule id",
        ),
        (
            "[capsule]\nid = \"a\"\nversion = \"1\"",
            "3:11",
            "unexpected end of input",
        ),
        (
            "[capsule]\nid = 3\nversion = \"1.0.0\"",
            "2:6",
            "expected a string",
        ),
    ] {
        env.write("Capsule.toml", text);
        let place = format!("--> ./Capsule.toml:{place}");
        env.boll(&["run", "."]).fails(2).says(&[complaint, &place]);
    }
    for (text, place, complaint) in [
        (
            "[[process]]\nprogram = \"./x\"",
            "5:11",
            "`./x` names no program",
        ),
        (
            "[[process]]\nprogram = \"x\"\nargs = [\"**\", \"a\"]",
            "6:8",
            "at the end of a pattern",
        ),
        (
            "[[process]]\nprogram = \"x\"\nargs = [\"\\u001b[2J\"]",
            "6:8",
            "has a control character",
        ),
        (
            "[[process]]\nprogram = \"x\"\nenv = [\"LD_PRELOAD\"]",
            "6:7",
            "cannot be set",
        ),
        (
            "[[process]]\nprogram = \"x\"\nworkspace = \"write\"",
            "6:13",
            "unknown value `write`",
        ),
        (
            "[[process]]\nprogram = \"x\"\nnetwork = \"all\"",
            "6:11",
            "unknown value `all`",
        ),
        ("[config.a]\ntype = \"text\"", "5:8", "unknown value `text`"),
        (
            "[config.a]\ntype = \"integer\"\ndefault = \"x\"",
            "6:11",
            "is not an integer",
        ),
        (
            "[config.a]\ntype = \"string\"\nsecret = true\ndefault = \"x\"",
            "7:11",
            "cannot contain secrets",
        ),
        (
            "[[action]]\nname = \"a\"\n[[action]]\nname = \"a\"",
            "6:1",
            "is listed twice",
        ),
        (
            "[instance]\ntime-ms = 0",
            "5:11",
            "`time-ms` must be a whole number from 1 to 4294967295",
        ),
        (
            "[instance]\nmemory-mib = -1",
            "5:14",
            "`memory-mib` must be a whole number from 1 to 4294967295",
        ),
        (
            "[files]\npath = \"/a\"",
            "4:1",
            "expected a list, found a table",
        ),
        ("[[hook]]\ntopic = \"a\"", "4:1", "missing field `action`"),
        (
            "[[publish]]\ntopic = \"a.B\"",
            "5:9",
            "`B` is no segment of a topic",
        ),
        (
            "[requires]\na = \"one\"",
            "5:5",
            "not a version requirement",
        ),
    ] {
        env.write("Capsule.toml", format!("{HEAD}{text}\n"));
        let place = format!("--> ./Capsule.toml:{place}");
        env.boll(&["run", "."]).fails(2).says(&[complaint, &place]);
    }
}

#[test]
fn text_that_is_not_utf_8_is_refused() {
    let env = TestEnvironment::new();
    env.write("Capsule.toml", b"[capsule]\nid = \"\xff\"");
    env.boll(&["run", "."])
        .fails(2)
        .says(&["cannot read ./Capsule.toml"]);
}
