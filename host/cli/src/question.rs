//! A question on a terminal, which is left as it was whatever happens.

use std::io::{self, Write as _};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use boll_host::plain::escaped_lines;
use dialoguer::{Select, theme::ColorfulTheme};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::termios::{self, SetArg, Termios};

use crate::failure::{Code, Done, Failure};

/// How often it is looked for a signal while nobody presses a key.
const TICK: Duration = Duration::from_millis(50);

/// Says what a question is about, before it: a question is drawn anew with each
/// key and has to fit into a line for that.
pub(crate) fn tell(text: &str) -> Done {
    writeln!(io::stderr(), "{}", escaped_lines(text)).map_err(|error| failed(&error))
}

/// Asks; gives the place of the answer, and nothing when there is none.
pub(crate) fn ask(prompt: &str, answers: &[&str]) -> Done<Option<usize>> {
    let _terminal = Terminal::kept();
    // Not handled but waited for, so that they mean what they did afterwards.
    let signals = Blocked::now().map_err(|error| failed(&error))?;
    let (sender, receiver) = mpsc::channel();
    let prompt = prompt.to_owned();
    let answers: Vec<String> = answers.iter().map(|&answer| answer.to_owned()).collect();
    // It is not waited for: it ends with a key, or with the program.
    thread::spawn(move || {
        let asked = Select::with_theme(&ColorfulTheme::default())
            .with_prompt(prompt)
            .items(&answers)
            .default(0)
            .interact_opt();
        // Nobody receives it any more when a signal came before.
        let _ = sender.send(asked);
    });
    loop {
        match receiver.recv_timeout(TICK) {
            Ok(Ok(answer)) => return Ok(answer),
            // The key for SIGINT, which is no signal where single keys are read.
            Ok(Err(dialoguer::Error::IO(error))) if error.kind() == io::ErrorKind::Interrupted => {
                return Err(Failure::new(Code::Interrupted, "interrupted"));
            }
            Ok(Err(error)) => return Err(failed(&error)),
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Failure::new(
                    Code::Machine,
                    "cannot ask: the question broke off",
                ));
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
        if signals.came().map_err(|error| failed(&error))? {
            return Err(Failure::new(Code::Interrupted, "interrupted"));
        }
    }
}

/// The signals that end the program, held back while it asks.
struct Blocked {
    before: SigSet,
    waiting: SignalFd,
}

impl Blocked {
    fn now() -> nix::Result<Self> {
        let before = SigSet::thread_get_mask()?;
        let ending: SigSet = [
            Signal::SIGINT,
            Signal::SIGTERM,
            Signal::SIGHUP,
            Signal::SIGQUIT,
        ]
        .into_iter()
        .collect();
        ending.thread_block()?;
        let flags = SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC;
        let waiting = SignalFd::with_flags(&ending, flags).inspect_err(|_| {
            // What was blocked is let through again.
            let _ = before.thread_set_mask();
        })?;
        Ok(Self { before, waiting })
    }

    fn came(&self) -> nix::Result<bool> {
        Ok(self.waiting.read_signal()?.is_some())
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        // It was this thread's mask, so that it can be set.
        let _ = self.before.thread_set_mask();
    }
}

fn failed(error: &dyn std::error::Error) -> Failure {
    Failure::new(Code::Machine, format!("cannot ask: {error}"))
}

/// A terminal as it was: what asks hides the cursor and reads single keys.
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
