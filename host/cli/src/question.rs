//! Asks a question on a terminal, and restores the terminal whatever happens.

use std::io::{self, Write as _};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use boll_host::plain::escaped_lines;
use dialoguer::{Select, theme::ColorfulTheme};
use nix::sys::termios::{self, SetArg, Termios};

use crate::failure::{Code, Done, Failure};
use crate::interrupt::{Listening, Tool, told};

/// How often signals are checked while no key is pressed.
const TICK: Duration = Duration::from_millis(50);

/// Writes what a question is about, before it: a question is redrawn at each key, for
/// which it has to fit into one line.
pub(crate) fn tell(text: &str) -> Done {
    writeln!(io::stderr(), "{}", escaped_lines(text)).map_err(|error| failed(&error))
}

/// Asks, and returns the index of the answer, or nothing if there is none.
pub(crate) fn ask(prompt: &str, answers: &[&str]) -> Done<Option<usize>> {
    // Created before the terminal is saved, so that both last until that is restored: no
    // signal ends the program before.
    let _listening = Listening::begin()?;
    let _patient = Tool::begin();
    let _terminal = Terminal::kept();
    let (sender, receiver) = mpsc::channel();
    let prompt = prompt.to_owned();
    let answers: Vec<String> = answers.iter().map(|&answer| answer.to_owned()).collect();
    // Not joined: it ends with a key, or with the program.
    thread::spawn(move || {
        let asked = Select::with_theme(&ColorfulTheme::default())
            .with_prompt(prompt)
            .items(&answers)
            .default(0)
            .interact_opt();
        // Nobody receives it if a signal came before.
        let _ = sender.send(asked);
    });
    loop {
        let answer = receiver.recv_timeout(TICK);
        // First of all: a terminal that hangs up also aborts the question.
        if told().is_some() {
            return Err(Failure::new(Code::Interrupted, "interrupted"));
        }
        match answer {
            Ok(Ok(answer)) => return Ok(answer),
            // The key for SIGINT, which raises no signal while single keys are read.
            Ok(Err(dialoguer::Error::IO(error))) if error.kind() == io::ErrorKind::Interrupted => {
                return Err(Failure::new(Code::Interrupted, "interrupted"));
            }
            Ok(Err(error)) => return Err(failed(&error)),
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Failure::new(
                    Code::Machine,
                    "cannot ask: the question was aborted",
                ));
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

fn failed(error: &dyn std::error::Error) -> Failure {
    Failure::new(Code::Machine, format!("cannot ask: {error}"))
}

/// A terminal's settings, to restore: a question hides the cursor and reads single keys.
struct Terminal(Option<Termios>);

impl Terminal {
    fn kept() -> Self {
        Self(termios::tcgetattr(io::stdin()).ok())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            // A terminal that is gone needs neither.
            let _ = termios::tcsetattr(io::stdin(), SetArg::TCSANOW, before);
            let _ = io::stderr().write_all(b"\x1b[?25h");
        }
    }
}
