//! The formats in which the program writes.

use std::io::IsTerminal;

use boll_host::services::log::LogLevel;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// The format of results and errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// The format of log lines on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum LogFormat {
    /// As text on a terminal, as JSON elsewhere.
    #[default]
    Auto,
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The levels of log lines, as the command line and the files of cases name them.
#[derive(Debug, Clone, Copy, Default, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub(crate) enum Level {
    Trace,
    Debug,
    #[default]
    Info,
    Warn,
    Error,
}

impl From<Level> for LogLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Trace => Self::Trace,
            Level::Debug => Self::Debug,
            Level::Info => Self::Info,
            Level::Warn => Self::Warn,
            Level::Error => Self::Error,
        }
    }
}

/// Returns whether what is written to a stream has colours: to a terminal that shows them, unless
/// its user wants none (`NO_COLOR`, `CLICOLOR=0`, `TERM=dumb`), or anywhere if its user wants them
/// (`CLICOLOR_FORCE`).
pub(crate) fn has_colours(stream: &impl IsTerminal) -> bool {
    let value = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let is_zero = |name| value(name).is_some_and(|value| value == "0");
    if value("NO_COLOR").is_some() {
        return false;
    }
    if value("CLICOLOR_FORCE").is_some() && !is_zero("CLICOLOR_FORCE") {
        return true;
    }
    !is_zero("CLICOLOR") && moves_cursor() && stream.is_terminal()
}

/// Returns whether the terminal obeys sequences of control characters: `TERM` names it, and not
/// as `dumb`.
pub(crate) fn moves_cursor() -> bool {
    std::env::var_os("TERM").is_some_and(|term| !term.is_empty() && term != "dumb")
}
