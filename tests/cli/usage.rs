//! The command line itself: help, versions, mistakes.

use crate::support::environment::TestEnvironment;

#[test]
fn the_help_lists_the_commands_and_the_exit_codes() {
    let help = TestEnvironment::new().boll(&["--help"]).ends(0).stdout;
    for word in ["demo", "run", "build", "check", "explain", "doctor"] {
        assert!(help.contains(&format!("\n  {word}")), "{word}: {help}");
    }
    let codes = help.split_once("Exit codes:\n").expect("the codes").1;
    insta::assert_snapshot!(codes.trim_end(), @r"
    0    success
    1    the capsule failed, denied, or trapped; a case of it or of the suite is not as expected
    2    invalid input: the command line, a file, the component
    3    the capsule asks for what it was not granted, or its folder was not built here before
    4    this machine lacks something: a sandbox, a tool, the right to install one, room (`ulimit`)
    5    a limit was reached: time, memory, the size of a payload
    70   a fault of the host
    130  interrupted, or told to end (SIGINT, SIGTERM, SIGHUP, SIGQUIT)
    141  standard output was closed
    ");
}

#[test]
fn a_mistake_on_the_command_line_is_wrong_input() {
    let env = TestEnvironment::new();
    for args in [&[][..], &["rum"], &["explain"], &["run", "x", "--nobody"]] {
        let run = env.boll(args).fails(2);
        assert!(run.stderr.contains("Usage: "), "{run:#?}");
    }
}

#[test]
fn the_version_is_the_packages() {
    let run = TestEnvironment::new().boll(&["--version"]).ends(0);
    let expected = format!("boll {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(run.stdout, expected);
}

#[test]
fn a_mistake_on_the_command_line_is_json_where_that_is_asked_for() {
    let env = TestEnvironment::new();
    for args in [
        &["--output", "json"][..],
        &["--output=json", "rum"],
        &["explain", "--output", "json"],
        &["run", "x", "--nobody", "--output", "json"],
        &["run", "x", "--time-ms", "never", "--output", "json"],
        &["run", "x", "--time-ms", "-5", "--output", "json"],
        &["run", "x", "--log-format", "json", "--nobody"],
        &["run", "x", "--log-format=json", "--payload"],
        &["trigger", "--output=json", "topic"],
        &["explain", "x", "--output", "json"],
        &["explain", "x", "proces", "--output", "json"],
        &["new", "--lang", "cobol", "--output", "json"],
        &["schema", "nobody", "--output", "json"],
        &["run", "x", "--quiet", "--verbose", "--output", "json"],
        &["run", "x", "--allow", "proces:git", "--output", "json"],
        &["run", "x", "--config", "key", "--output", "json"],
        &["help", "nobody", "--output", "json"],
        &["--output", "json", "--output", "json"],
    ] {
        let run = env.boll(args).fails(2);
        let error: serde_json::Value = serde_json::from_str(&run.stderr).expect("JSON");
        assert_eq!(error["kind"], "error");
        assert_eq!(error["exit"], 2);
        assert!(!error["error"].as_str().expect("a text").is_empty());
        let hints = error["hints"].to_string();
        assert!(
            hints.contains("--help") || hints.contains("Usage"),
            "{run:#?}"
        );
    }
}

#[test]
fn help_and_the_version_are_text_whatever_is_asked_for() {
    let env = TestEnvironment::new();
    for args in [
        &["--help"][..],
        &["run", "--help"],
        &["--version"],
        &["help", "run"],
    ] {
        let plain = env.boll(args).ends(0);
        let asked = env.boll(&[&["--output", "json"], args].concat()).ends(0);
        assert_eq!(
            (asked.stdout, asked.stderr),
            (plain.stdout, plain.stderr),
            "{args:?}"
        );
    }
}

#[test]
fn what_an_argument_says_is_not_repeated_whole_nor_obeyed() {
    let env = TestEnvironment::new();
    env.guests("");
    let long = "x".repeat(120_000);
    let escape = "\u{1b}[2J\u{9b}2J";
    for text in [&long, escape] {
        for args in [
            &[text][..],
            &["run", text],
            &["run", "guests", text],
            &["run", "guests", "--allow", text],
            &["run", "guests", "--config", text],
            &["run", "guests", "--time-ms", text],
            &["run", "guests", "--workspace", text],
            &["run", "guests", "--payload-file", text],
            &["check", "guests", "--policy", text],
            &["explain", "guests", "process", text],
            &["explain", "guests", "publish", text],
            &["explain", "guests", "network", text],
            &["trigger", text, "guests"],
            &["--output", text],
        ] {
            for more in [&[][..], &["--output", "json"]] {
                let run = env.boll(&[args, more].concat());
                assert!(run.code > 0, "{args:?}");
                assert!(run.stderr.len() < 20_000, "{args:?}: {}", run.stderr.len());
                assert!(!run.stderr.contains(['\u{1b}', '\u{9b}']), "{run:?}");
            }
        }
    }
}

#[test]
fn a_schema_is_printed_as_json() {
    let env = TestEnvironment::new();
    for file in ["capsule", "cases", "operator"] {
        let schema = env.boll(&["schema", file]).ends(0).json();
        assert_eq!(schema["additionalProperties"], false, "{file}");
    }
    env.boll(&["schema", "nobody"]).fails(2);
}
