//! Replies: the very bytes to a pipe, what a terminal obeys as escapes to it, and
//! an error when they were not written.

use std::process::Stdio;

use crate::support::environment::TestEnvironment;

const NASTY: &str = "a\u{9b}2Jb\u{1b}[2Jc\u{202e}d\u{85}";

/// What `sh` makes of a line with `$BOLL`.
fn shell(env: &TestEnvironment, line: &str) -> (i32, Vec<u8>, String) {
    let mut command = env.command("sh");
    command.args(["-c", line]);
    command.env("BOLL", crate::support::environment::BOLL);
    let output = command.output().expect("sh");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code().unwrap_or(-1), output.stdout, stderr)
}

#[test]
fn a_pipe_gets_the_very_bytes() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    for bytes in [
        &b"\x1f\x8b\0\x01"[..],
        b"text",
        b"line\n",
        b"\x9b2J\xff",
        b"",
    ] {
        env.write("in", bytes);
        let args = ["run", &*guests, "echo", "--payload-file", "in", "--quiet"];
        let output = env.boll_command(&args).output().expect("boll starts");
        assert_eq!(output.stdout, bytes);
    }
}

#[test]
fn a_terminal_gets_escapes_unless_it_is_told_otherwise() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    env.write("in", [NASTY.as_bytes(), b"\x9b\xff"].concat());
    let line = |more: &str| {
        format!(
            "script --quiet --return --command '$BOLL run {guests} echo --payload-file in {more}' \
             /dev/null"
        )
    };
    let (code, shown, _) = shell(&env, &line(""));
    assert_eq!(code, 0);
    let text = String::from_utf8(shown).expect("all is text");
    assert!(
        text.contains("a\\u{9b}2Jb\\u{1b}[2Jc\\u{202e}d\\u{85}\\x9b\\xff\r\n"),
        "{text:?}"
    );
    let (_, shown, _) = shell(&env, &line("--raw"));
    let raw = NASTY.as_bytes();
    assert!(
        shown.windows(raw.len()).any(|part| part == raw),
        "{shown:?}"
    );
    let (_, shown, _) = shell(&env, &line("--output json"));
    assert!(!String::from_utf8_lossy(&shown).contains('\u{9b}'));
}

#[test]
fn nothing_of_a_capsule_reaches_the_terminal_as_it_is() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    for action in ["fail", "deny", "panic", NASTY] {
        for output in ["text", "json"] {
            let args = [
                "run",
                &*guests,
                action,
                "--payload",
                NASTY,
                "--output",
                output,
            ];
            let run = env.boll(&args);
            assert_ne!(run.code, 0, "{run:#?}");
            let obeyed = |one: char| one != '\n' && one.is_control() || one == '\u{202e}';
            assert!(
                !run.stderr.contains(obeyed),
                "{action} {output}: {:?}",
                run.stderr
            );
        }
    }
    // Nor anything of a manifest.
    env.write(
        "bad/Capsule.toml",
        format!("[capsule]\nid = \"{}\"\n", NASTY.replace('\u{1b}', "")),
    );
    let run = env.boll(&["check", "bad"]).fails(2);
    assert!(
        !run.stderr.contains(['\u{9b}', '\u{85}', '\u{202e}']),
        "{:?}",
        run.stderr
    );
}

#[test]
fn a_reply_that_was_not_written_is_no_success() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    let run = format!("$BOLL run {guests} echo --quiet");
    let (code, _, stderr) = shell(&env, &format!("{run} --payload x >&-"));
    assert_eq!(code, 141, "{stderr}");
    assert!(
        stderr.contains("cannot write to standard output: it is closed"),
        "{stderr}"
    );
    let (code, _, stderr) = shell(&env, &format!("{run} --payload x >/dev/full"));
    assert_eq!(code, 4, "{stderr}");
    let (code, ..) = shell(&env, &format!("{run} --payload x >/dev/null"));
    assert_eq!(code, 0);
    let (code, _, stderr) = shell(&env, "$BOLL doctor --output json >&-");
    assert_eq!(code, 141, "{stderr}");

    // Nobody reads: a pipe whose other end is closed.
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let run = env
        .boll_command(&["run", &guests, "echo", "--payload", "x", "--quiet"])
        .stdout(Stdio::from(writer))
        .output()
        .expect("boll starts");
    assert_eq!(run.status.code(), Some(141), "{run:?}");
    assert_eq!(run.stderr, b"");
}

#[test]
fn a_home_that_cannot_be_written_is_a_warning() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    env.write("file", "");
    for (state, cache) in [("file/state", "file/cache"), ("/proc/1/x", "/proc/1/x")] {
        let mut command = env.boll_command(&["run", &guests, "echo", "--payload", "x"]);
        command.env("XDG_STATE_HOME", env.current().join(state));
        command.env("XDG_CACHE_HOME", env.current().join(cache));
        let output = command.output().expect("boll starts");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{stderr}");
        assert_eq!(output.stdout, b"x");
        assert!(stderr.contains("\"level\":\"warn\""), "{stderr}");
    }
}
