//! The keys of `boll dev` on a terminal, which is as it was whatever ends or stops the command.

use crate::support::environment::TestEnvironment;
use crate::terminal::{Terminal, line};

/// A line of the shell after which the terminal's settings are on the screen.
fn with_settings(line: &str) -> String {
    // The keyboard's signals reach this shell, too.
    format!("trap : INT QUIT; {line}; code=$?; stty --all; exit $code")
}

/// The terminal's settings after the program, which are those of a shell.
fn is_sane(screen: &str) -> bool {
    let after = screen.rfind("speed ").map_or("", |at| &screen[at..]);
    let modes = ["icanon", "echo", "isig"];
    modes
        .iter()
        .all(|mode| after.split_whitespace().any(|word| word == *mode))
}

#[test]
fn keys_run_it_again_and_end_it() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    let boll = line(&["dev", &guests, "log-lines"]);
    let mut terminal = Terminal::running(&env, &with_settings(&boll));
    terminal.answer("q or Ctrl-C ends", b"r");
    terminal.answer("round 2: done (", b"x\r");
    terminal.answer("round 3: done (", b"q");
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(0), "{screen}");
    assert!(is_sane(&screen), "{screen}");
    assert_eq!(screen.matches("q or Ctrl-C ends").count(), 1, "{screen}");
    // The log of each round comes before its end.
    let rounds: Vec<&str> = screen.split("round ").collect();
    assert!(
        rounds[..3]
            .iter()
            .all(|round| round.contains("[capsule] guests")),
        "{screen}"
    );
}

#[test]
fn whatever_ends_it_restores_the_terminal() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    for (keys, code) in [
        (&b"\x03"[..], 130),
        (b"\x04", 0),
        (b"\x1c", 130),
        (b"\x03\x03", 130),
    ] {
        let boll = line(&["dev", &guests, "echo", "--payload", "x"]);
        let mut terminal = Terminal::running(&env, &with_settings(&boll));
        terminal.answer("q or Ctrl-C ends", keys);
        let (ended, screen) = terminal.end();
        assert_eq!(ended, Some(code), "{keys:?}: {screen}");
        assert!(is_sane(&screen), "{keys:?}: {screen}");
    }
}

#[test]
fn while_it_is_stopped_the_terminal_is_the_shells() {
    let env = TestEnvironment::new();
    let guests = env.guests("");
    let boll = line(&["dev", &guests, "echo", "--payload", "x"]);
    let script = format!(
        "set -m; {boll}; stty --all | grep -q -e -icanon || echo all is well; fg; {}",
        with_settings("true; (exit $?)")
    );
    let line = shlex::try_join(["bash", "-c", &script]).expect("no NUL");
    let mut terminal = Terminal::running(&env, &line);
    terminal.answer("q or Ctrl-C ends", b"\x1a");
    terminal.answer("all is well", b"r");
    terminal.answer("round 2: done (", b"q");
    let (_, screen) = terminal.end();
    assert!(is_sane(&screen), "{screen}");
}
