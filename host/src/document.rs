//! TOML documents that people write: parsed into a type, with errors that name
//! file, line and column.
//!
//! Knows nothing of what the documents mean; reads no files.

mod whole;

use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use serde::de::DeserializeOwned;

pub use self::whole::Whole;
use crate::plain::{shortened, shortened_message};

/// An error in a document, with its position.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}: {message}", document.name, position.map_or_else(String::new, |p| format!(":{}:{}", p.line, p.column)))]
#[non_exhaustive]
pub struct DocumentError {
    /// The invalid document.
    pub document: Box<DocumentText>,
    /// The invalid bytes of its text, if known.
    pub span: Option<Range<usize>>,
    /// Where `span` starts.
    pub position: Option<Position>,
    /// What is wrong.
    pub message: String,
    /// How to fix it.
    pub hint: Option<String>,
}

impl DocumentError {
    /// Returns the same error with another hint, or without one.
    #[must_use]
    pub fn with_hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }

    /// Returns the same error without the bytes to show, which may contain a secret. Its
    /// position stays.
    #[must_use]
    pub fn without_span(mut self) -> Self {
        self.span = None;
        self
    }
}

/// A whole document, for showing a position in it. Its text is redacted in `Debug`
/// output: the operator's file may contain secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct DocumentText {
    /// Its name, usually a path.
    pub name: String,
    /// Its text.
    pub text: String,
}

impl fmt::Debug for DocumentText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DocumentText")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A position in a document, counted from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// A document that is being read.
#[derive(Debug, Clone)]
pub struct Document<'a> {
    name: &'a str,
    text: &'a str,
    /// Where each line starts: computed once, because every entry has a line.
    lines: OnceLock<Vec<usize>>,
}

impl<'a> Document<'a> {
    /// Creates a document from its name (for messages) and its text.
    #[must_use]
    pub fn new(name: &'a str, text: &'a str) -> Self {
        Self {
            name,
            text,
            lines: OnceLock::new(),
        }
    }

    /// The maximum size of a document, in bytes.
    pub const BYTES: usize = 1 << 20;

    /// The maximum number of entries in one list or table.
    pub const ENTRIES: usize = 4096;

    /// Reads the document as a `T`.
    ///
    /// # Errors
    ///
    /// More than [`BYTES`](Self::BYTES), invalid TOML, or TOML that is not a `T`.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, DocumentError> {
        if self.text.len() > Self::BYTES {
            let message = format!(
                "the file has {} bytes, more than the limit of {}",
                self.text.len(),
                Self::BYTES
            );
            // Without a span: showing it would not help.
            return Err(DocumentError {
                position: Some(self.position(Self::BYTES)),
                document: Box::new(DocumentText {
                    name: self.name.to_owned(),
                    text: String::new(),
                }),
                span: None,
                message,
                hint: None,
            });
        }
        toml::from_str(self.text).map_err(|error| {
            // An error for too deep nesting has no position of its own.
            let span = error.span().unwrap_or(0..0);
            let (message, hint) = match whole::expected(error.message()) {
                Some(expected) => (self.number(span.start, &expected), None),
                None => explain(error.message()),
            };
            let message = shortened_message(&message, MESSAGE).into_owned();
            self.error(Some(span), message).with_hint(hint)
        })
    }

    /// Returns the position of a byte of this document.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let offset = self.text.floor_char_boundary(offset);
        let line = self.line(offset);
        let start = self.lines().get(line - 1).copied().unwrap_or_default();
        Position {
            line,
            column: self.text[start..offset].chars().count() + 1,
        }
    }

    /// Returns the line of a byte of this document.
    #[must_use]
    pub fn line(&self, offset: usize) -> usize {
        // The first line starts at 0, so that there is always one.
        self.lines().partition_point(|start| *start <= offset)
    }

    fn lines(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            let ends = self.text.match_indices('\n').map(|(end, _)| end + 1);
            std::iter::once(0).chain(ends).collect()
        })
    }

    /// Checks that a list or table has no more than [`ENTRIES`](Self::ENTRIES), given the
    /// spans of its entries.
    ///
    /// # Errors
    ///
    /// It has more entries.
    pub fn few(
        &self,
        what: &str,
        mut entries: impl ExactSizeIterator<Item = Range<usize>>,
    ) -> Result<(), DocumentError> {
        let count = entries.len();
        match entries.nth(Self::ENTRIES) {
            None => Ok(()),
            Some(first) => {
                let message = format!(
                    "`{what}` has {count} entries, more than the limit of {}",
                    Self::ENTRIES
                );
                Err(self.error(Some(first), message))
            }
        }
    }

    /// Returns what to say of a number that does not fit.
    fn number(&self, value: usize, expected: &str) -> String {
        match whole::key(self.text, value) {
            Some(key) => format!("`{key}` must be {expected}"),
            None => format!("this must be {expected}"),
        }
    }

    /// Creates an error at a position in this document.
    #[must_use]
    pub fn error(&self, span: Option<Range<usize>>, message: impl Into<String>) -> DocumentError {
        DocumentError {
            document: Box::new(DocumentText {
                name: self.name.to_owned(),
                text: self.text.to_owned(),
            }),
            position: span.as_ref().map(|span| self.position(span.start)),
            span,
            message: shortened_message(&message.into(), MESSAGE).into_owned(),
            hint: None,
        }
    }
}

/// The maximum length of a message, in characters.
const MESSAGE: usize = 4000;

/// Puts serde's message for an unknown key or variant into this project's words, with the
/// nearest known one as the hint.
fn explain(message: &str) -> (String, Option<String>) {
    if message == "invalid type: map, expected a sequence" {
        let message = "expected a list, found a table".to_owned();
        let hint = "write its name in double brackets, once for each entry".to_owned();
        return (message, Some(hint));
    }
    if message.contains("recurs") {
        return ("its values are nested too deep".to_owned(), None);
    }
    let kind = if message.starts_with("unknown field ") {
        "key"
    } else if message.starts_with("unknown variant ") {
        "value"
    } else {
        return (message.to_owned(), None);
    };
    let mut quoted = message.split('`').skip(1).step_by(2);
    let Some(given) = quoted.next() else {
        return (message.to_owned(), None);
    };
    let known: Vec<&str> = quoted.collect();
    // A key this long is not a typing error.
    let nearest = known
        .iter()
        .filter(|_| given.len() <= 100)
        .map(|known| (strsim::damerau_levenshtein(given, known), *known))
        .min()
        .filter(|(distance, known)| *distance <= known.len() / 2);
    let hint = match nearest {
        Some((_, nearest)) => format!("did you mean `{nearest}`?"),
        None => format!("expected one of: {}", known.join(", ")),
    };
    (format!("unknown {kind} `{}`", shortened(given)), Some(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[serde(rename = "program")]
        _program: String,
        #[serde(rename = "count")]
        _count: Option<u8>,
    }

    fn fails(text: &str) -> DocumentError {
        Document::new("sample.toml", text)
            .parse::<Sample>()
            .expect_err("the document is wrong")
    }

    #[test]
    fn an_unknown_key_is_named_with_its_place_and_the_nearest_known_one() {
        let error = fails("program = \"x\"\nprogam = 1\n");
        assert_eq!(error.to_string(), "sample.toml:2:1: unknown key `progam`");
        assert_eq!(error.hint.as_deref(), Some("did you mean `program`?"));
    }

    #[test]
    fn a_key_like_no_other_lists_the_known_ones() {
        let error = fails("program = \"x\"\nzzzzzzzzz = 1\n");
        assert_eq!(
            error.hint.as_deref(),
            Some("expected one of: program, count")
        );
    }

    #[test]
    fn what_is_quoted_is_cut() {
        let long = "k".repeat(1 << 19);
        let error = fails(&format!("program = \"x\"\n{long} = 1\n"));
        assert!(error.message.starts_with("unknown key `kkk"), "{error}");
        for text in [
            format!("program = \"x\"\n{long} = 1\n"),
            format!("program = \"x\"\ncount = \"{long}\"\n"),
            format!("program = \"x\"\n{long} {long}\n"),
            format!("program = \"x\"\n{long} = 1\n{long} = 1\n"),
        ] {
            let error = fails(&text);
            assert!(
                error.to_string().len() < 9000,
                "{}",
                error.to_string().len()
            );
        }
    }

    #[test]
    fn broken_syntax_has_a_place() {
        let error = fails("program = \"x\"\ncount = = 2\n");
        let position = error.position.expect("a place");
        assert_eq!((position.line, position.column), (2, 9));
    }

    #[test]
    fn lines_are_found_at_their_edges() {
        let document = Document::new("sample.toml", "ä\n\nb\n");
        let places: Vec<_> = (0..=6)
            .map(|offset| document.position(offset))
            .map(|place| (place.line, place.column))
            .collect();
        let expected = [(1, 1), (1, 1), (1, 2), (2, 1), (3, 1), (3, 2), (4, 1)];
        assert_eq!(places, expected);
        assert_eq!(Document::new("empty.toml", "").position(9).line, 1);
    }

    #[test]
    fn what_nests_too_deep_says_so_at_a_place() {
        for text in [
            format!("program = {}", "[".repeat(100_000)),
            format!("program = {}", "{a=".repeat(100_000)),
            format!("a{} = 1", ".a".repeat(100_000)),
            format!("[a{}]", ".a".repeat(100_000)),
        ] {
            let error = fails(&text);
            assert!(error.position.is_some(), "{error}");
            assert_eq!(error.message, "its values are nested too deep");
        }
    }

    #[test]
    fn a_document_that_is_too_large_is_not_read() {
        let text = "#\n".repeat(Document::BYTES / 2 + 1);
        let error = fails(&text);
        assert_eq!(
            error.to_string(),
            "sample.toml:524289:1: the file has 1048578 bytes, more than the limit of 1048576"
        );
        assert!(error.document.text.is_empty());
    }

    #[test]
    fn columns_count_characters() {
        let error = fails("program = \"ä\"\n\"ü\" = 1");
        let position = error.position.expect("a place");
        assert_eq!((position.line, position.column), (2, 1));
        let error = fails("program = \"äöü\" x");
        assert_eq!(error.position.expect("a place").column, 17);
    }
}
