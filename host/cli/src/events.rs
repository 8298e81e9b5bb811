//! Everything on standard error that is not a log line: text for people, or one JSON object a
//! line, each with its `kind`.

use std::io::{self, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use boll_host::plain::{escaped_json, escaped_lines};
use serde::Serialize;

use crate::output::{LogFormat, Output};

/// Whether events are JSON. It is decided once, by the command line, and everything that writes
/// to standard error asks for it: the reporter, errors, the log.
static JSON: AtomicBool = AtomicBool::new(false);

/// Chooses the form of all events: JSON where results or log lines are.
pub(crate) fn begin(output: Output, log: LogFormat) {
    let json = output == Output::Json || log == LogFormat::Json;
    JSON.store(json, Ordering::Relaxed);
}

/// Returns whether events are JSON.
pub(crate) fn are_json() -> bool {
    JSON.load(Ordering::Relaxed)
}

/// An event, with the keys that it has as JSON. Log lines and errors have keys of their own.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Event<'a> {
    /// A step that takes a while.
    Progress {
        step: &'a str,
        state: StepState,
        /// How long it took; `None` when it starts.
        #[serde(skip_serializing_if = "Option::is_none")]
        time_ms: Option<u64>,
    },
    /// What the user should know of what is done.
    Note { message: &'a str },
    /// A line of a tool's output.
    Tool { message: &'a str },
    /// What may be wrong.
    Warning { message: &'a str },
}

/// The state of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StepState {
    Started,
    Done,
    Failed,
}

impl StepState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

impl Event<'_> {
    /// Writes it as JSON, or as what `text` returns. A closed standard error is no reason to
    /// stop: failed writes are ignored.
    pub(crate) fn write(&self, text: impl FnOnce() -> String) {
        let line = match are_json() {
            // Serialising strings and numbers cannot fail.
            true => escaped_json(&serde_json::to_string(self).unwrap_or_default()).into_owned(),
            false => text(),
        };
        let _ = writeln!(io::stderr().lock(), "{line}");
    }

    /// Writes an event of which the message is the text, with control characters escaped.
    pub(crate) fn write_message(&self) {
        self.write(|| match self {
            Self::Progress { step, .. } => escaped_lines(step).into_owned(),
            Self::Note { message } | Self::Tool { message } => escaped_lines(message).into_owned(),
            Self::Warning { message } => escaped_lines(&format!("warning: {message}")).into_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_names_itself() {
        let progress = Event::Progress {
            step: "building",
            state: StepState::Done,
            time_ms: Some(12),
        };
        for (event, json) in [
            (
                progress,
                r#"{"kind":"progress","step":"building","state":"done","time_ms":12}"#,
            ),
            (
                Event::Note { message: "a\nb" },
                r#"{"kind":"note","message":"a\nb"}"#,
            ),
            (
                Event::Tool { message: "c" },
                r#"{"kind":"tool","message":"c"}"#,
            ),
            (
                Event::Warning { message: "d" },
                r#"{"kind":"warning","message":"d"}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&event).expect("JSON"), json);
        }
    }
}
