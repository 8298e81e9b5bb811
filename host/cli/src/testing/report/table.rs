//! The result for people.

use std::fmt::Write as _;
use std::time::Duration;

use similar::{ChangeTag, TextDiff};

use super::log;
use crate::args::ProcessMode;
use crate::testing::{Difference, Ran, Session};

/// The longest time that is given in milliseconds.
const SECOND: Duration = Duration::from_secs(1);

pub(crate) fn of(session: &Session) -> String {
    let mut text = format!("{} {}\n", session.capsule, session.version);
    for ran in &session.ran {
        add_case(&mut text, ran);
    }
    let failed = session.failed();
    let passed = session.ran.len() - failed;
    // Writing into a string cannot fail, here and below.
    let _ = writeln!(text, "{passed} passed, {failed} failed");
    let unused: Vec<_> = session
        .coverage
        .iter()
        .flat_map(|coverage| coverage.unused())
        .collect();
    if !unused.is_empty() {
        text.push_str("warning: the manifest asks for what no case uses:\n");
    }
    for one in unused {
        let place = one
            .line
            .map(|line| format!(" ({}:{line})", session.manifest));
        let _ = writeln!(text, "  {}{}", one.title(), place.unwrap_or_default());
    }
    text
}

fn add_case(text: &mut String, ran: &Ran) {
    let word = if ran.passed() { "passed" } else { "failed" };
    let seconds = ran.time.as_secs_f64();
    let time = if ran.time < SECOND {
        format!("{:.1} ms", seconds * 1000.0)
    } else {
        format!("{seconds:.1} s")
    };
    let real = match ran.mode {
        ProcessMode::Real => ", real processes",
        ProcessMode::Scripted => "",
    };
    let _ = writeln!(text, "  {word}  {} ({time}{real})", plain(&ran.case.name));
    if ran.passed() {
        return;
    }
    let _ = writeln!(text, "          {}:{}", ran.case.file, ran.case.line);
    for difference in &ran.differences {
        for line in difference_lines(difference) {
            let _ = writeln!(text, "          {line}");
        }
    }
    let lines = log(ran);
    if !lines.is_empty() {
        text.push_str("          what it logged:\n");
    }
    for line in lines {
        let _ = writeln!(text, "            {line}");
    }
}

/// A difference, a line each: long texts side by side, line by line.
pub(super) fn difference_lines(difference: &Difference) -> Vec<String> {
    let Difference {
        what,
        expected,
        found,
        hint,
    } = difference;
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
            let end = if change.missing_newline() {
                " (no line end)"
            } else {
                ""
            };
            let end = if change.tag() == ChangeTag::Equal {
                ""
            } else {
                end
            };
            let value = change.value();
            format!(
                "  {sign} {}{end}",
                plain(value.strip_suffix('\n').unwrap_or(value))
            )
        }));
    } else {
        add_text(&mut lines, "expected", expected);
        add_text(&mut lines, "found   ", found);
    }
    for line in hint.iter().flat_map(|hint| hint.lines()) {
        lines.push(format!("  {}", plain(line)));
    }
    lines
}

/// A text behind its name, or below it where it has several lines.
fn add_text(lines: &mut Vec<String>, name: &str, text: &str) {
    if text.is_empty() {
        lines.push(format!("  {name} \"\""));
    } else if text.contains('\n') {
        lines.push(format!("  {}", name.trim_end()));
        lines.extend(text.lines().map(|line| format!("    {}", plain(line))));
    } else {
        lines.push(format!("  {name} {}", plain(text)));
    }
}

/// What a capsule says moves no cursor.
fn plain(text: &str) -> String {
    text.chars()
        .flat_map(|one| {
            let escaped = one.is_control().then(|| one.escape_debug());
            let kept = (!one.is_control()).then_some(one);
            escaped.into_iter().flatten().chain(kept)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(expected: &str, found: &str) -> Vec<String> {
        difference_lines(&Difference::new("reply", expected, found))
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
        assert_eq!(
            lines("a", "b\u{1b}[2J"),
            ["reply:", "  expected a", "  found    b\\u{1b}[2J"]
        );
        assert_eq!(
            lines("", "a\nb"),
            ["reply:", "  expected \"\"", "  found", "    a", "    b"]
        );
    }
}
