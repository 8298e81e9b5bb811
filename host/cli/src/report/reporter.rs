//! Reports on standard error what the program is doing: a line for each step, a spinner
//! on a terminal.

use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

use boll_host::plain::{escaped, escaped_lines};
use indicatif::{ProgressBar, ProgressStyle};

use super::colours;
use crate::events::{self, Event, StepState};
use crate::output::{has_colours, moves_cursor};

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
        Self {
            verbosity,
            terminal: io::stderr().is_terminal() && moves_cursor() && !events::are_json(),
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
            Event::Note { message: text }.write_message();
        }
    }

    /// Reports that a round of work has ended, and how long it took.
    pub(crate) fn round(&self, number: usize, took: Duration, succeeded: bool) {
        if self.verbosity != Verbosity::Silent {
            let state = match succeeded {
                true => StepState::Done,
                false => StepState::Failed,
            };
            ended(&format!("round {number}"), state, took);
        }
    }

    /// Returns whether the output of tools is passed on with its colours.
    pub(crate) fn relays_colours(&self) -> bool {
        self.relays() && has_colours(&io::stderr())
    }

    /// Passes on a tool's output, with its colours where those are shown, and nothing else that a
    /// terminal obeys. Do not call it while a step's spinner turns.
    pub(crate) fn relay(&self, output: &str) {
        if self.verbosity == Verbosity::Silent || output.trim().is_empty() {
            return;
        }
        let output = output.trim_end();
        if events::are_json() {
            for message in colours::without_colours(output).lines() {
                Event::Tool { message }.write(String::new);
            }
        } else {
            let shown = match self.relays_colours() {
                true => colours::with_colours(output),
                false => colours::without_colours(output),
            };
            Event::Tool { message: &shown }.write(|| shown.clone());
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
        if spinner.is_none() && self.verbosity != Verbosity::Silent {
            let event = Event::Progress {
                step: &what,
                state: StepState::Started,
                time_ms: None,
            };
            event.write(|| escaped_lines(&format!("{what} ...")).into_owned());
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

    /// Says why it takes longer: next to the spinner, or in a line where there is none.
    pub(crate) fn note(&self, text: &str) {
        if self.spinner.is_some() {
            self.detail(text);
        } else if !self.silent {
            Event::Note { message: text }.write_message();
        }
    }

    /// Ends the step as a success, and reports how long it took.
    pub(crate) fn done(mut self) {
        self.end(StepState::Done);
    }

    /// Ends the step as a failure that is not an error of the whole command.
    pub(crate) fn failed(mut self) {
        self.end(StepState::Failed);
    }

    fn end(&mut self, state: StepState) {
        self.ended = true;
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
        if !self.silent {
            ended(&self.what, state, self.started.elapsed());
        }
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if !self.ended {
            self.end(StepState::Failed);
        }
    }
}

/// Writes that a step has ended.
fn ended(step: &str, state: StepState, took: Duration) {
    let event = Event::Progress {
        step,
        state,
        time_ms: Some(u64::try_from(took.as_millis()).unwrap_or(u64::MAX)),
    };
    let (how, seconds) = (state.as_str(), took.as_secs_f32());
    event.write(|| escaped_lines(&format!("{step}: {how} ({seconds:.1} s)")).into_owned());
}
