//! Questions where the cursor cannot be moved, and where nobody reads them.

use crate::support::environment::TestEnvironment;
use crate::terminal::{Terminal, line};

#[test]
fn a_dumb_terminal_is_asked_by_number() {
    let env = TestEnvironment::new();
    let guests = env.guests("[[process]]\nprogram = \"true\"\n");
    for (typed, code) in [
        ("\n", 3),
        ("1\n", 3),
        ("9\n2\n", 0),
        ("\x04", 3),
        ("\x03", 130),
    ] {
        let line = format!("TERM=dumb {}", line(&["run", &guests, "nothing"]));
        let mut terminal = Terminal::running(&env, &line);
        terminal.answer("Number or letter of the answer [1]: ", typed.as_bytes());
        let (ended, screen) = terminal.end();
        assert_eq!(ended, Some(code), "{typed:?}: {screen}");
        assert!(!screen.contains('\u{1b}'), "{screen:?}");
    }
}

#[test]
fn what_was_typed_before_the_question_is_no_answer() {
    let env = TestEnvironment::new();
    let guests = env.guests("[[process]]\nprogram = \"true\"\n");
    for (term, asks) in [
        ("xterm", "always, for this build of it"),
        ("dumb", "Number or letter of the answer [1]: "),
    ] {
        let boll = line(&["run", &guests, "nothing"]);
        // The shell reads its line, and the next one waits for whoever reads the terminal then.
        let line = format!("echo begun; read go; TERM={term} {boll}");
        let mut terminal = Terminal::running(&env, &line);
        terminal.answer("begun", b"go\na\n");
        terminal.answer(asks, b"n\n");
        let (ended, screen) = terminal.end();
        assert_eq!(ended, Some(3), "{term}: {screen}");
    }
}

#[test]
fn where_events_are_json_nothing_is_asked() {
    let env = TestEnvironment::new();
    let guests = env.guests("[[process]]\nprogram = \"true\"\n");
    for format in ["--output=json", "--log-format=json"] {
        let terminal = Terminal::start(&env, &["run", &guests, "nothing", format]);
        let (code, screen) = terminal.end();
        assert_eq!(code, Some(3), "{screen}");
        let lines = screen.lines();
        assert!(
            lines.clone().all(|line| line.starts_with("{\"")),
            "{screen}"
        );
    }
}
