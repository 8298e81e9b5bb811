//! Asks a question on a terminal, and restores the terminal whatever happens. A terminal that
//! moves no cursor gets lines to type an answer to instead of a list to choose from by keys.

mod answer;
mod line;
mod list;

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use boll_host::plain::escaped_lines;

pub(crate) use self::answer::Answer;
use self::list::List;
use crate::failure::{Code, Done, Failure};
use crate::interrupt::{Listening, Tool, told};
use crate::output::moves_cursor;
use crate::terminal::Terminal;
use crate::{events, wrap};

/// How often signals are checked while no key is pressed.
const TICK: Duration = Duration::from_millis(50);

/// Returns whether somebody can be asked: at a terminal, and where standard error is for people.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal() && !events::are_json()
}

/// Writes what a question is about, before it.
pub(crate) fn tell(text: &str) -> Done {
    let text = wrap::wrapped(&escaped_lines(text), wrap::of_stderr());
    writeln!(io::stderr(), "{text}").map_err(|error| failed(&error))
}

/// Asks, and returns the index of the answer, or nothing if there is none.
pub(crate) fn ask(prompt: &str, answers: &[Answer]) -> Done<Option<usize>> {
    // Created before the terminal is saved, so that both last until that is restored: no
    // signal ends the program before.
    let _listening = Listening::begin()?;
    let _patient = Tool::begin();
    let terminal = Terminal::kept();
    // A line that is typed ahead for the shell may begin with the letter of an answer.
    terminal.forget_typed();
    let (sender, receiver) = mpsc::channel();
    let (prompt, answers) = (prompt.to_owned(), answers.to_vec());
    // Not joined: it ends with a key, or with the program.
    thread::spawn(move || {
        let asked = match moves_cursor() {
            true => List::new(&prompt, &answers).ask(),
            false => line::ask(&prompt, &answers),
        };
        // Nobody receives it if a signal came before.
        let _ = sender.send(asked);
    });
    let answer = wait(&receiver, &terminal);
    terminal.show_cursor();
    answer
}

/// Waits for the answer, or for a signal.
fn wait(
    receiver: &Receiver<io::Result<Option<usize>>>,
    terminal: &Terminal,
) -> Done<Option<usize>> {
    loop {
        let answer = receiver.recv_timeout(TICK);
        terminal.stop_if_asked();
        // First of all: a terminal that hangs up also aborts the question.
        if told().is_some() {
            return Err(Failure::new(Code::Interrupted, "interrupted"));
        }
        match answer {
            Ok(Ok(answer)) => return Ok(answer),
            // The key for SIGINT, which raises no signal while single keys are read.
            Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {
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
