//! Breaks long lines at blanks to fit a terminal, with what follows below the column where the
//! text of the line begins. Widths are in columns: a wide character takes two.

use console::Term;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The least width in which lines are broken.
const LEAST: usize = 20;

/// Returns the width of standard output; `None` where it is not a terminal, for which no line is
/// broken.
pub(crate) fn of_stdout() -> Option<usize> {
    width(&Term::stdout())
}

/// Returns the width of standard error, likewise.
pub(crate) fn of_stderr() -> Option<usize> {
    width(&Term::stderr())
}

fn width(term: &Term) -> Option<usize> {
    if !term.is_term() {
        return None;
    }
    let wished = std::env::var("COLUMNS").ok();
    let wished = wished.and_then(|columns| columns.parse().ok());
    let columns = wished.filter(|columns| *columns > 0);
    columns.or_else(|| Some(usize::from(term.size_checked()?.1)))
}

/// Returns how many columns a text takes.
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}

/// Returns a text with blanks after it, up to a number of columns.
pub(crate) fn padded(text: &str, to: usize) -> String {
    format!("{text}{}", " ".repeat(to.saturating_sub(columns(text))))
}

/// Returns a text of which each line is broken to the width, if there is one.
pub(crate) fn wrapped(text: &str, width: Option<usize>) -> String {
    let Some(width) = width.filter(|width| *width >= LEAST) else {
        return text.to_owned();
    };
    let lines = text
        .split_inclusive('\n')
        .map(|line| match line.strip_suffix('\n') {
            Some(line) => broken(line, width) + "\n",
            None => broken(line, width),
        });
    lines.collect()
}

/// Returns a text of which only the first line is broken: the others are there to be copied.
pub(crate) fn first_wrapped(text: &str, width: Option<usize>) -> String {
    match text.split_once('\n') {
        Some((first, rest)) => format!("{}\n{rest}", wrapped(first, width)),
        None => wrapped(text, width),
    }
}

fn broken(line: &str, width: usize) -> String {
    if columns(line) <= width {
        return line.to_owned();
    }
    let hang = hang(line, width);
    let (mut text, mut at) = (String::new(), 0);
    for (gap, word) in words(line) {
        let (blanks, wide) = (gap.len(), columns(word));
        if at > hang && at + blanks + wide > width {
            text.push('\n');
            text.push_str(&" ".repeat(hang));
            at = hang;
        } else {
            text.push_str(gap);
            at += blanks;
        }
        text.push_str(word);
        at += wide;
    }
    text
}

/// Returns the column below which a line goes on: after the last gap of two blanks or more in its
/// first half, as between the columns of a table.
fn hang(line: &str, width: usize) -> usize {
    let start = line.len() - line.trim_start_matches(' ').len();
    let (mut at, mut hang) = (0, start.min(width / 2));
    for (gap, word) in words(line) {
        at += gap.len();
        if gap.len() >= 2 && at <= width / 2 {
            hang = at;
        }
        at += columns(word);
    }
    hang
}

/// Splits a line into its words, each with the blanks before it. A wide character is a word:
/// scripts that have them have no blanks.
fn words(line: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let gap = rest.len() - rest.trim_start_matches(' ').len();
        let (blanks, text) = rest.split_at(gap);
        let wide = |one: char| one.width().unwrap_or_default() > 1;
        let first = text.chars().next()?;
        let end = match wide(first) {
            true => {
                // With the marks that belong to it.
                let after = &text[first.len_utf8()..];
                let marks = after.find(|one: char| one.width().unwrap_or_default() > 0);
                first.len_utf8() + marks.unwrap_or(after.len())
            }
            false => text
                .find(|one| one == ' ' || wide(one))
                .unwrap_or(text.len()),
        };
        let (word, left) = text.split_at(end);
        rest = left;
        Some((blanks, word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_goes_on_below_its_text() {
        for (width, expected) in [
            (
                40,
                "weak     sandbox  there are no groups of\n                  processes here\n",
            ),
            (
                24,
                "weak     sandbox  there\n         are no groups\n         of processes\n         here\n",
            ),
            (
                80,
                "weak     sandbox  there are no groups of processes here\n",
            ),
        ] {
            let line = "weak     sandbox  there are no groups of processes here\n";
            let shown = wrapped(line, Some(width));
            assert_eq!(shown, expected, "{width}");
            assert!(shown.lines().all(|line| columns(line) <= width), "{shown}");
        }
        let line = "x ".repeat(200);
        assert_eq!(wrapped(&line, None), line);
    }

    #[test]
    fn no_word_is_broken_but_wide_characters_are_parted() {
        let path = format!("  component  /{}", "a".repeat(100));
        assert_eq!(
            wrapped(&path, Some(40)).replace("\n             ", "  "),
            path
        );
        let wide = "  名前  ".to_owned() + &"漢字".repeat(20);
        let shown = wrapped(&wide, Some(40));
        assert!(shown.lines().all(|line| columns(line) <= 40), "{shown}");
        assert_eq!(shown.replace("\n        ", ""), wide);
        assert_eq!(padded("漢字", 6), "漢字  ");
    }

    #[test]
    fn what_is_to_be_copied_stays_on_its_line() {
        let text = format!(
            "to allow it for one run, do this:\nboll run {}",
            "x ".repeat(30)
        );
        let shown = first_wrapped(&text, Some(20));
        assert!(
            shown.starts_with("to allow it for one\nrun, do this:\nboll run x x"),
            "{shown}"
        );
        assert!(shown.ends_with(&"x ".repeat(30)), "{shown}");
    }
}
