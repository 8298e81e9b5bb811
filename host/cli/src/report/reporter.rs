//! Reports on standard error what the program is doing: a line for each step, a spinner
//! on a terminal.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use boll_host::plain::{escaped, escaped_lines};
use indicatif::{ProgressBar, ProgressStyle};

/// How much is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verbosity {
    /// No reports: for output that a program reads, and for tests.
    Silent,
    /// Steps and notes.
    Normal,
    /// Steps, notes, and the output of tools while they run.
    Verbose,
}

/// Writes progress to standard error. Results never go through here: they belong on standard output.
#[derive(Clone, Debug)]
pub(crate) struct Reporter {
    verbosity: Verbosity,
    terminal: bool,
}

impl Reporter {
    /// Creates a reporter, which checks once whether standard error is a terminal.
    pub(crate) fn new(verbosity: Verbosity) -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        Self {
            verbosity,
            terminal: io::stderr().is_terminal() && !dumb,
        }
    }

    /// Returns whether the tools' own output is shown while they run.
    pub(crate) fn is_verbose(&self) -> bool {
        self.verbosity == Verbosity::Verbose
    }

    /// Returns whether the output of tools is passed on.
    pub(crate) fn relays(&self) -> bool {
        self.verbosity != Verbosity::Silent
    }

    /// Returns whether standard error is a terminal that shows colours and spinners.
    pub(crate) fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Starts a step, for example `building hello`. End it with [`Step::done`]; a step
    /// that is dropped before counts as failed.
    pub(crate) fn step(&self, what: impl Into<String>) -> Step {
        let spins = self.terminal && self.verbosity == Verbosity::Normal;
        self.start(what.into(), spins)
    }

    /// Starts a step without a spinner, for a tool that may ask for a password on the
    /// terminal.
    pub(crate) fn step_that_asks(&self, what: impl Into<String>) -> Step {
        self.start(what.into(), false)
    }

    /// Prints one line.
    pub(crate) fn note(&self, text: &str) {
        if self.verbosity != Verbosity::Silent {
            write_line(&escaped_lines(text));
        }
    }

    /// Passes on a tool's output, unchanged. Do not call it while a step's spinner turns.
    pub(crate) fn relay(&self, output: &str) {
        if self.verbosity != Verbosity::Silent && !output.trim().is_empty() {
            write_line(output.trim_end());
        }
    }

    fn start(&self, what: String, spins: bool) -> Step {
        let spinner = spins.then(|| {
            let spinner = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
                spinner.set_style(style);
            }
            spinner.set_message(escaped(&what).into_owned());
            spinner.enable_steady_tick(Duration::from_millis(120));
            spinner
        });
        if spinner.is_none() {
            self.note(&format!("{what} ..."));
        }
        Step {
            what,
            started: Instant::now(),
            spinner,
            silent: self.verbosity == Verbosity::Silent,
            ended: false,
        }
    }
}

/// Work that was announced and has not ended yet.
#[derive(Debug)]
pub(crate) struct Step {
    what: String,
    started: Instant,
    spinner: Option<ProgressBar>,
    silent: bool,
    ended: bool,
}

impl Step {
    /// Shows next to the spinner what is being done now.
    pub(crate) fn detail(&self, text: &str) {
        if let Some(spinner) = &self.spinner {
            let message = format!("{}: {text}", self.what);
            spinner.set_message(escaped(&message).into_owned());
        }
    }

    /// Ends the step as a success, and reports how long it took.
    pub(crate) fn done(mut self) {
        self.end("done");
    }

    /// Ends the step as a failure that is not an error of the whole command.
    pub(crate) fn failed(mut self) {
        self.end("failed");
    }

    fn end(&mut self, how: &str) {
        self.ended = true;
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
        if !self.silent {
            let seconds = self.started.elapsed().as_secs_f32();
            write_line(&escaped_lines(&format!(
                "{}: {how} ({seconds:.1} s)",
                self.what
            )));
        }
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if !self.ended {
            self.end("failed");
        }
    }
}

/// Writes a line. A closed standard error is no reason to stop: failed writes are
/// ignored.
fn write_line(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
