//! A difference from what a case expects, and how it is shown.

use serde::Serialize;
use similar::{ChangeTag, TextDiff};

/// A difference from what a case expects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Difference {
    /// The thing that differs, for example `reply`.
    pub(crate) what: String,
    pub(crate) expected: String,
    pub(crate) found: String,
    /// Advice.
    pub(crate) hint: Option<String>,
}

/// The most of an expected or a found text that is kept, in bytes.
const READABLE: usize = 64 << 10;

/// A part of a long text, and how long the rest is.
fn part(text: &str, start: usize) -> String {
    let start = text.floor_char_boundary(start);
    let end = text.floor_char_boundary(start.saturating_add(READABLE));
    let (before, after) = (start, text.len() - end);
    let mut part = String::new();
    if before > 0 {
        part = format!("({before} bytes before) ");
    }
    part.push_str(&text[start..end]);
    if after > 0 {
        part.push_str(&format!(" ({after} bytes more)"));
    }
    part
}

impl Difference {
    pub(crate) fn new(
        what: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self {
            what: what.into(),
            expected: expected.into(),
            found: found.into(),
            hint: None,
        }
    }

    /// The same without most of what is too long to be read, and to be kept for as many
    /// cases as there may be.
    pub(super) fn shortened(mut self) -> Self {
        let (one, other) = (self.expected.char_indices(), self.found.char_indices());
        let first = one.zip(other).find(|(one, other)| one != other);
        let shorter = self.expected.len().min(self.found.len());
        let differs = first.map_or(shorter, |((at, _), _)| at);
        for text in [&mut self.expected, &mut self.found] {
            if text.len() > READABLE {
                *text = part(text, differs.saturating_sub(READABLE / 4));
            }
        }
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The difference, a line each: long texts side by side, line by line.
    pub(super) fn lines(&self) -> Vec<String> {
        let Self {
            what,
            expected,
            found,
            hint,
        } = self;
        let mut lines = vec![format!("{what}:")];
        if expected.contains('\n') && found.contains('\n') {
            lines.push("  - expected".to_owned());
            lines.push("  + found".to_owned());
            let diff = TextDiff::from_lines(expected, found);
            lines.extend(diff.iter_all_changes().map(|change| {
                let sign = match change.tag() {
                    ChangeTag::Equal => ' ',
                    ChangeTag::Delete => '-',
                    ChangeTag::Insert => '+',
                };
                let differs = change.tag() != ChangeTag::Equal;
                let end = if differs && change.missing_newline() {
                    " (no line end)"
                } else {
                    ""
                };
                let value = change.value();
                format!(
                    "  {sign} {}{end}",
                    value.strip_suffix('\n').unwrap_or(value)
                )
            }));
        } else {
            add_text(&mut lines, "expected", expected);
            add_text(&mut lines, "found   ", found);
        }
        for line in hint.iter().flat_map(|hint| hint.lines()) {
            lines.push(format!("  {line}"));
        }
        lines
    }
}

/// A text behind its name, or below it where it has several lines.
fn add_text(lines: &mut Vec<String>, name: &str, text: &str) {
    if text.is_empty() {
        lines.push(format!("  {name} \"\""));
    } else if text.contains('\n') {
        lines.push(format!("  {}", name.trim_end()));
        lines.extend(text.lines().map(|line| format!("    {line}")));
    } else {
        lines.push(format!("  {name} {text}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_long_texts_the_part_is_kept_that_differs() {
        let long = "é".repeat(1 << 20);
        let kept =
            Difference::new("reply", format!("{long}x{long}"), format!("{long}y")).shortened();
        assert!(kept.expected.len() < 2 * READABLE && kept.found.len() < 2 * READABLE);
        assert!(kept.expected.contains("éxé"), "{}", kept.expected.len());
        assert!(kept.expected.ends_with(" bytes more)"));
        assert!(kept.found.starts_with('(') && kept.found.ends_with('y'));
        let short = Difference::new("reply", "a", "b");
        assert_eq!(short.clone().shortened(), short);
    }

    fn lines(expected: &str, found: &str) -> Vec<String> {
        Difference::new("reply", expected, found).lines()
    }

    #[test]
    fn long_texts_are_held_line_against_line() {
        assert_eq!(
            lines("a\nb\nc", "a\nx\nc"),
            [
                "reply:",
                "  - expected",
                "  + found",
                "    a",
                "  - b",
                "  + x",
                "    c"
            ]
        );
        assert_eq!(
            lines("a\nb", "a\nb\n"),
            [
                "reply:",
                "  - expected",
                "  + found",
                "    a",
                "  - b (no line end)",
                "  + b"
            ]
        );
    }

    #[test]
    fn short_texts_stand_below_each_other() {
        assert_eq!(lines("a", "b"), ["reply:", "  expected a", "  found    b"]);
        assert_eq!(
            lines("", "a\nb"),
            ["reply:", "  expected \"\"", "  found", "    a", "    b"]
        );
    }
}
