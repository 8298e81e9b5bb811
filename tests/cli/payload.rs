//! Actions, payloads and results.

use serde_json::json;

use crate::support::environment::TestEnvironment;

#[test]
fn a_payload_comes_back_to_the_byte() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    env.write("file", "from a file\n");
    for (args, stdin, expected) in [
        (&["--payload", "ünï \"x\""][..], "", "ünï \"x\""),
        (&["--payload-file", "file"], "", "from a file\n"),
        (&["--payload-file", "-"], "from a pipe", "from a pipe"),
        (&[], "not read", ""),
    ] {
        let args = [&["run", &guests, "echo"], args].concat();
        let run = env.boll_reading(&args, stdin.as_bytes()).ends(0);
        assert_eq!(run.stdout, expected);
    }
}

#[test]
fn a_result_as_json_tells_its_kind() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    let json_of = |action: &str, payload: &str| {
        env.boll(&[
            "run",
            &guests,
            action,
            "--payload",
            payload,
            "--output",
            "json",
        ])
        .ends(0)
        .json()
    };
    assert_eq!(
        json_of("echo", "text"),
        json!({"outcome": "continue", "payload": "text"})
    );
    assert_eq!(
        json_of("final", r#"{"a":[1]}"#),
        json!({"outcome": "final", "payload": {"a": [1]}})
    );
    assert_eq!(
        json_of("nothing", ""),
        json!({"outcome": "continue", "payload": null})
    );
}

#[test]
fn what_a_capsule_says_no_to_is_a_failure() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    for (action, payload, code, text) in [
        (
            "deny",
            "not today",
            1,
            "error: the capsule denied: not today",
        ),
        ("fail", "it rains", 1, "error: the capsule failed: it rains"),
        (
            "nobody",
            "",
            2,
            "error: the capsule knows no action `nobody`",
        ),
        (
            "sleep",
            "soon",
            2,
            "error: the capsule cannot use the payload: ",
        ),
    ] {
        env.boll(&["run", &guests, action, "--payload", payload])
            .fails(code)
            .says(&[text]);
    }
}

#[test]
fn without_an_action_the_default_is_meant() {
    let env = TestEnvironment::new();
    let guests =
        env.guests("[[action]]\nname = \"fail\"\n[[action]]\nname = \"echo\"\ndefault = true\n");
    let run = env.boll(&["run", &guests, "--payload", "x"]).ends(0);
    assert_eq!(run.stdout, "x");
    env.boll(&["run", &guests, "nobody"])
        .fails(2)
        .says(&["help: it has: fail, echo"]);
    let guests = env.guests("[[action]]\nname = \"fail\"\n[[action]]\nname = \"echo\"\n");
    env.boll(&["run", &guests]).fails(2).says(&[
        "error: guests has no default action: name one",
        "help: it has: fail, echo",
    ]);
}

#[test]
fn a_payload_that_cannot_be_read_is_named() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    env.boll(&["run", &guests, "echo", "--payload-file", "missing"])
        .fails(2)
        .says(&["cannot read the payload from missing: No such file"]);
    env.boll(&[
        "run",
        &guests,
        "echo",
        "--payload",
        "x",
        "--payload-file",
        "y",
    ])
    .fails(2)
    .says(&["cannot be used with"]);
}

#[test]
fn the_capsule_learns_for_whom_it_is_called() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    let run = env
        .boll(&[
            "run",
            &guests,
            "caller",
            "--principal",
            "ann",
            "--call-id",
            "c-1",
        ])
        .ends(0);
    assert_eq!(run.json()["principal"], "ann");
    assert_eq!(run.json()["call_id"], "c-1");
    assert_eq!(run.json()["source"], "host");
}

#[test]
fn the_capsule_sees_nothing_of_the_machine() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    let run = env
        .boll_reading(&["run", &guests, "ambient"], b"planted")
        .ends(0);
    assert_eq!(run.json()["env"], json!({}));
    assert_eq!(run.json()["stdin"], json!({"Ok": ""}));
    assert!(run.json()["root"].get("Err").is_some(), "{}", run.stdout);
}
