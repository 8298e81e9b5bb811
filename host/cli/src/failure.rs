//! How the program ends when it fails: the message, the hints and the exit code.
//! `error_map` decides which of them an error becomes.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::Display;
use std::io::{self, Write as _};
use std::ops::Range;
use std::process::ExitCode;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use boll_host::document::DocumentError;
use boll_host::plain::{escaped, escaped_json, escaped_lines, is_plain, shortened_message};
use boll_host::with_causes;

use crate::output::has_colours;
use crate::system_limit;
use crate::{events, wrap};

/// The exit codes with what each means, as `boll help` and the reference list them.
pub(crate) const EXIT_CODES: [(u8, &str); 9] = [
    (0, "success"),
    (
        Code::Capsule as u8,
        "the capsule failed, denied, or trapped; a case of it or of the suite is not as expected",
    ),
    (
        Code::Input as u8,
        "invalid input: the command line, a file, the component",
    ),
    (
        Code::NotGranted as u8,
        "the capsule asks for what it was not granted, or its folder was not built here before",
    ),
    (
        Code::Machine as u8,
        "this machine lacks something: a sandbox, a tool, the right to install one, room (`ulimit`)",
    ),
    (
        Code::Limit as u8,
        "a limit was reached: time, memory, the size of a payload",
    ),
    (Code::Host as u8, "a fault of the host"),
    (
        Code::Interrupted as u8,
        "interrupted, or told to end (SIGINT, SIGTERM, SIGHUP, SIGQUIT)",
    ),
    (Code::Unread as u8, "standard output was closed"),
];

/// The end of `boll help`.
pub(crate) fn exit_codes() -> String {
    let lines = EXIT_CODES.map(|(code, means)| format!("  {code:<4} {means}"));
    format!("Exit codes:\n{}", lines.join("\n"))
}

/// The maximum length of a message, in characters.
const MESSAGE: usize = 8000;

/// The columns before a hint: "  = help: ".
const HEAD: usize = 10;

/// The largest part of a document that is shown around a position, in bytes.
const LINES: usize = 8000;

/// The exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    /// The capsule failed, denied, or trapped.
    Capsule = 1,
    /// Invalid input.
    Input = 2,
    /// A grant is missing.
    NotGranted = 3,
    /// The machine lacks something.
    Machine = 4,
    /// A limit was reached.
    Limit = 5,
    /// A fault of the host.
    Host = 70,
    /// Interrupted from the keyboard, or ended by a signal.
    Interrupted = 130,
    /// Standard output was closed.
    Unread = 141,
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(code as u8)
    }
}

/// Why the program fails.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: Code,
    message: String,
    hints: Vec<String>,
    document: Option<Box<DocumentError>>,
    /// The text to write instead, for people.
    text: Option<String>,
    /// Whether nothing is written.
    quiet: bool,
}

/// The result of a command.
pub(crate) type Done<T = ()> = Result<T, Failure>;

/// Ends the program with the error of a result.
pub(crate) trait OrFail<T, E> {
    /// Fails with a text, such as `cannot read FILE`, in front of the error.
    fn or_fail(self, code: Code, text: impl FnOnce() -> String) -> Done<T>;

    /// Fails with the error and its causes.
    fn or_code(self, code: Code) -> Done<T>
    where
        E: Error + 'static;
}

impl<T, E: Display> OrFail<T, E> for Result<T, E> {
    fn or_fail(self, code: Code, text: impl FnOnce() -> String) -> Done<T> {
        self.map_err(|error| Failure::new(code, format!("{}: {error}", text())))
    }

    fn or_code(self, code: Code) -> Done<T>
    where
        E: Error + 'static,
    {
        self.map_err(|error| Failure::from_error(code, &error))
    }
}

impl Failure {
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: shortened_message(&message.into(), MESSAGE).into_owned(),
            hints: Vec::new(),
            document: None,
            text: None,
            quiet: false,
        }
    }

    /// Returns the same failure with another text for people.
    #[must_use]
    pub(crate) fn shown_as(mut self, text: String) -> Self {
        self.text = Some(text);
        self
    }

    /// Returns the end of a program whose reader is gone, as SIGPIPE ends others.
    pub(crate) fn unread() -> Self {
        Self::new(Code::Unread, "standard output was closed").quiet()
    }

    /// Returns the same failure, of which only the exit code tells.
    #[must_use]
    pub(crate) fn quiet(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// Returns the hints, in the order in which they are written.
    pub(crate) fn hints(&self) -> &[String] {
        &self.hints
    }

    /// Returns the message, without the hints.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Converts an error with all its causes. An error caused by a limit of this process
    /// counts as the machine's, and names the limit.
    pub(crate) fn from_error(code: Code, error: &(dyn Error + 'static)) -> Self {
        let message = with_causes(error);
        match system_limit::reason(error) {
            None => Self::new(code, message),
            Some((reason, raise)) => Self::new(Code::Machine, message).hint(reason).hint(raise),
        }
    }

    /// Converts an error in a document, of which the position is shown.
    pub(crate) fn in_document(error: DocumentError) -> Self {
        Self {
            hints: error.hint.clone().into_iter().collect(),
            message: shortened_message(&error.to_string(), MESSAGE).into_owned(),
            code: Code::Input,
            document: Some(Box::new(error)),
            text: None,
            quiet: false,
        }
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        // Longer than a message: it may contain a command to copy.
        let hint = shortened_message(&hint.into(), 16 * MESSAGE).into_owned();
        self.hints.push(hint);
        self
    }

    /// Writes it to standard error.
    pub(crate) fn report(&self) {
        if self.quiet {
            return;
        }
        let mut stderr = io::stderr().lock();
        let text = match &self.text {
            _ if events::are_json() => escaped_json(&self.json()).into_owned(),
            Some(text) => text.trim_end().to_owned(),
            None => self.text(has_colours(&stderr)),
        };
        // A closed standard error does not change how the program ends.
        let _ = writeln!(stderr, "{text}");
    }

    fn text(&self, colour: bool) -> String {
        let renderer = if colour {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        // Without what stands before a message and a hint.
        let width = wrap::of_stderr().map(|width| width.saturating_sub(HEAD));
        let renderer = match width {
            Some(width) => renderer.term_width(width),
            None => renderer,
        };
        let fit = |text: &str| wrap::first_wrapped(&escaped_lines(text), width);
        let hints: Vec<_> = self.hints.iter().map(|hint| fit(hint)).collect();
        let hints = hints.iter().map(|hint| Level::HELP.message(&**hint));
        match self.document.as_deref() {
            Some(
                error @ DocumentError {
                    span: Some(span), ..
                },
            ) if fits_on_lines(&error.document.text, span) => {
                let (text, name) = (shown(&error.document.text), escaped(&error.document.name));
                let message = fit(&error.message);
                let snippet = Snippet::source(&*text)
                    .path(&*name)
                    .annotation(AnnotationKind::Primary.span(span.clone()));
                let group = Level::ERROR
                    .primary_title(&*message)
                    .element(snippet)
                    .elements(hints);
                renderer.render(&[group])
            }
            // A position that cannot be shown is named.
            _ => {
                let message = fit(&self.message);
                let group = Group::with_title(Level::ERROR.primary_title(&*message));
                renderer.render(&[group.elements(hints)])
            }
        }
    }

    fn json(&self) -> String {
        let position = self.document.as_ref().and_then(|error| error.position);
        serde_json::json!({
            "kind": "error",
            "error": self.message,
            "hints": self.hints,
            "exit": self.code as u8,
            "file": self.document.as_ref().map(|error| &error.document.name),
            "line": position.map(|position| position.line),
            "column": position.map(|position| position.column),
        })
        .to_string()
    }
}

/// Returns whether the lines at a position are short enough to show.
fn fits_on_lines(text: &str, span: &Range<usize>) -> bool {
    let start = text.floor_char_boundary(span.start);
    let end = text.ceil_char_boundary(span.end.max(start));
    let from = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let to = text[end..].find('\n').map_or(text.len(), |at| end + at);
    to - from <= LINES
}

/// Returns a document of which a part is shown. Control characters are replaced by others
/// of the same length, so that positions stay valid.
fn shown(text: &str) -> Cow<'_, str> {
    let stays = |one| matches!(one, '\n' | '\r' | '\t') || is_plain(one);
    if text.chars().all(stays) {
        return Cow::Borrowed(text);
    }
    let replaced = text.chars().map(|one| match one.len_utf8() {
        _ if stays(one) => one,
        1 => '?',
        2 => '\u{bf}',
        3 => char::REPLACEMENT_CHARACTER,
        _ => '\u{1f78e}',
    });
    Cow::Owned(replaced.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_lists_the_exit_codes() {
        let rows = EXIT_CODES.map(|(code, means)| format!("| {code} | {means} |"));
        let page = include_str!("../../../docs/reference/exit-codes.md");
        let table: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).collect();
        assert_eq!(table[1..], rows);
    }

    #[test]
    fn a_message_repeats_nothing_endlessly() {
        let long = "x".repeat(1 << 20);
        let failure = Failure::new(Code::Input, format!("`{long}` is wrong")).hint(&long);
        assert!(failure.text(false).len() < 20_000);
        assert!(failure.json().len() < 20_000);
    }
}
