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
    0    it succeeded
    1    the capsule failed, denied, or trapped; a case is not as expected
    2    something given is wrong: the command line, a file, the component
    3    something was not granted or allowed: what the capsule asks for, building it
    4    this machine lacks something: a sandbox, a tool, the right to install one
    5    a limit was reached: time, memory, the size of a payload
    70   a fault of the host
    130  interrupted
    141  nobody reads standard output any more
    ");
}

#[test]
fn a_mistake_on_the_command_line_is_wrong_input() {
    let env = TestEnvironment::new();
    for args in [&[][..], &["rum"], &["run"], &["run", "x", "--nobody"]] {
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
