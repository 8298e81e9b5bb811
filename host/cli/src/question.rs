//! Asks a question on a terminal, and restores the terminal whatever happens. A terminal that
//! moves no cursor gets a list with numbers instead of one to choose from by keys.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use boll_host::plain::escaped_lines;
use dialoguer::Select;
use dialoguer::console::set_colors_enabled_stderr;
use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};

use crate::failure::{Code, Done, Failure};
use crate::interrupt::{Listening, Tool, told};
use crate::output::{has_colours, moves_cursor};
use crate::terminal::Terminal;
use crate::{events, wrap};

/// How often signals are checked while no key is pressed.
const TICK: Duration = Duration::from_millis(50);

/// Returns whether somebody can be asked: at a terminal, and where standard error is for people.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal() && !events::are_json()
}

/// Writes what a question is about, before it: a question is redrawn at each key, for
/// which it has to fit into one line.
pub(crate) fn tell(text: &str) -> Done {
    let text = wrap::wrapped(&escaped_lines(text), wrap::of_stderr());
    writeln!(io::stderr(), "{text}").map_err(|error| failed(&error))
}

/// Asks, and returns the index of the answer, or nothing if there is none.
pub(crate) fn ask(prompt: &str, answers: &[&str]) -> Done<Option<usize>> {
    // Created before the terminal is saved, so that both last until that is restored: no
    // signal ends the program before.
    let _listening = Listening::begin()?;
    let _patient = Tool::begin();
    let terminal = Terminal::kept();
    let (sender, receiver) = mpsc::channel();
    let prompt = prompt.to_owned();
    let answers: Vec<String> = answers.iter().map(|&answer| answer.to_owned()).collect();
    // Not joined: it ends with a key, or with the program.
    thread::spawn(move || {
        let asked = if moves_cursor() {
            select(&prompt, &answers)
        } else {
            number(&prompt, &answers).map_err(dialoguer::Error::IO)
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
    receiver: &Receiver<Result<Option<usize>, dialoguer::Error>>,
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

/// Lets the user choose by keys.
fn select(prompt: &str, answers: &[String]) -> Result<Option<usize>, dialoguer::Error> {
    let colours = has_colours(&io::stderr());
    set_colors_enabled_stderr(colours);
    let theme: &dyn Theme = match colours {
        true => &ColorfulTheme::default(),
        false => &SimpleTheme,
    };
    Select::with_theme(theme)
        .with_prompt(prompt)
        .items(answers)
        .default(0)
        .interact_opt()
}

/// Lets the user type the number of an answer; Enter alone is the first, and the end of the input
/// is none.
fn number(prompt: &str, answers: &[String]) -> io::Result<Option<usize>> {
    let mut text = format!("{prompt}\n");
    for (answer, place) in answers.iter().zip(1..) {
        text.push_str(&format!("  {place}  {answer}\n"));
    }
    io::stderr().write_all(text.as_bytes())?;
    loop {
        write!(io::stderr(), "Number of the answer [1]: ")?;
        let mut line = String::new();
        if io::stdin().lock().read_line(&mut line)? == 0 {
            return Ok(None);
        }
        match line.trim() {
            "" => return Ok(Some(0)),
            typed => match typed.parse::<usize>() {
                Ok(place) if (1..=answers.len()).contains(&place) => return Ok(Some(place - 1)),
                _ => writeln!(
                    io::stderr(),
                    "expected a number from 1 to {}",
                    answers.len()
                )?,
            },
        }
    }
}

fn failed(error: &dyn std::error::Error) -> Failure {
    Failure::new(Code::Machine, format!("cannot ask: {error}"))
}
