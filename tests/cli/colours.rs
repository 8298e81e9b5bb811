//! Colours and moves of the cursor are where the user wants them.

use crate::support::environment::{BOLL, Run, TestEnvironment};

/// What each kind of output needs to be written: its arguments.
fn outputs(guests: &str) -> [Vec<String>; 5] {
    [
        "--help".to_owned(),
        "run --help".to_owned(),
        "chek".to_owned(),
        "check /nowhere".to_owned(),
        format!("run {guests} log-lines --log-format text"),
    ]
    .map(|line| line.split(' ').map(str::to_owned).collect())
}

/// What `boll` writes to pipes with variables.
fn piped(env: &TestEnvironment, variables: &[(&str, &str)], args: &[String]) -> String {
    let mut command = env.command(BOLL);
    command.args(args).envs(variables.iter().copied());
    let run = Run::of(command.output().expect("boll starts"));
    run.stdout + &run.stderr
}

/// What it writes to a terminal, which `script` makes.
fn on_terminal(env: &TestEnvironment, variables: &[(&str, &str)], args: &[String]) -> String {
    let words = std::iter::once(BOLL).chain(args.iter().map(String::as_str));
    let line = shlex::try_join(words).expect("no NUL");
    let mut command = env.command("script");
    command
        .args(["--quiet", "--return", "--command", &line, "/dev/null"])
        .envs(variables.iter().copied());
    let output = command.output().expect("`script` of util-linux");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn colours_are_where_the_user_wants_them() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    for (variables, terminal, pipe) in [
        (&[][..], true, false),
        (&[("NO_COLOR", "1")][..], false, false),
        (&[("NO_COLOR", "")], true, false),
        (&[("CLICOLOR", "0")], false, false),
        (&[("CLICOLOR", "1")], true, false),
        (&[("CLICOLOR_FORCE", "1")], true, true),
        (&[("CLICOLOR_FORCE", "0")], true, false),
        (&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false, false),
        (&[("TERM", "dumb")], false, false),
        (&[("TERM", "dumb"), ("CLICOLOR", "1")], false, false),
        (&[("TERM", "dumb"), ("CI", "true")], false, false),
    ] {
        for args in outputs(&guests) {
            let shown = piped(&env, variables, &args);
            assert_eq!(
                shown.contains('\u{1b}'),
                pipe,
                "{variables:?} {args:?}: {shown:?}"
            );
            let shown = on_terminal(&env, variables, &args);
            assert_eq!(
                shown.contains("\u{1b}["),
                terminal,
                "{variables:?} {args:?}: {shown:?}"
            );
        }
    }
}

#[test]
fn json_never_has_colours() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    let forced = [("CLICOLOR_FORCE", "1")];
    for line in [
        "chek --output json".to_owned(),
        format!("run {guests} fail --output json"),
        format!("run {guests} log-lines --log-format json"),
    ] {
        let args: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let shown = piped(&env, &forced, &args);
        assert!(!shown.contains('\u{1b}'), "{line}: {shown:?}");
    }
}

#[test]
fn no_cursor_moves_where_the_terminal_is_dumb() {
    let env = TestEnvironment::new();
    env.write(
        "made/Capsule.toml",
        "[capsule]\nid = \"made\"\nversion = \"1.0.0\"\n",
    );
    env.write("made/component", crate::support::guests::guests_bytes());
    env.write(
        "made/Makefile",
        "dist/capsule.wasm: component\n\tsleep 0.3; mkdir -p dist; cp component $@\n",
    );
    let build = ["build", "made"].map(str::to_owned);
    let shown = on_terminal(&env, &[("TERM", "dumb")], &build);
    assert!(shown.contains("running `make` ..."), "{shown:?}");
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
    env.write("made/component", crate::support::guests::guests_bytes());
    let shown = on_terminal(&env, &[], &build);
    assert!(
        shown.contains("\u{1b}[") || shown.contains("up to date"),
        "{shown:?}"
    );
}
