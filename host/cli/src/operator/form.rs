//! The form of the operator's file that its tables do not have: byte order mark, line ends,
//! and whether the last line is ended.

use similar::{Algorithm, DiffOp, capture_diff_slices};

const MARK: char = '\u{feff}';

/// Returns a text without the mark, and with plain line ends.
pub(super) fn plain(text: &str) -> String {
    text.trim_start_matches(MARK).replace("\r\n", "\n")
}

/// Returns a changed text in the form that it had before. Each line that is in both keeps its
/// end, and new lines end as most did.
pub(super) fn like(before: &str, text: &str) -> String {
    let text = plain(text);
    let (old, new) = (lines(before.trim_start_matches(MARK)), lines(&text));
    let windows = 2 * before.matches("\r\n").count() > before.matches('\n').count();
    let most = if windows { "\r\n" } else { "\n" };
    let plain_of = |lines: &[Line<'_>]| lines.iter().map(|line| line.text.to_owned()).collect();
    let (old_text, new_text): (Vec<String>, Vec<String>) = (plain_of(&old), plain_of(&new));
    let mut written = String::from(if before.starts_with(MARK) {
        "\u{feff}"
    } else {
        ""
    });
    let mut put = |line: &str, end: &str| {
        written.push_str(line);
        written.push_str(if end.is_empty() { most } else { end });
    };
    for change in capture_diff_slices(Algorithm::Myers, &old_text, &new_text) {
        match change {
            DiffOp::Equal { old_index, len, .. } => {
                for line in &old[old_index..old_index + len] {
                    put(line.text, line.end);
                }
            }
            DiffOp::Insert {
                new_index, new_len, ..
            }
            | DiffOp::Replace {
                new_index, new_len, ..
            } => {
                for line in &new[new_index..new_index + new_len] {
                    put(line.text, most);
                }
            }
            DiffOp::Delete { .. } => {}
        }
    }
    let is_ended = before.is_empty() || before.ends_with('\n');
    if !is_ended {
        let end = written.trim_end_matches(['\r', '\n']).len();
        written.truncate(end);
    }
    written
}

struct Line<'a> {
    text: &'a str,
    end: &'a str,
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let split = |line| {
        let ended = ["\r\n", "\n"].into_iter().find_map(|end| {
            let text = str::strip_suffix(line, end)?;
            Some(Line { text, end })
        });
        ended.unwrap_or(Line {
            text: line,
            end: "",
        })
    };
    text.split_inclusive('\n').map(split).collect()
}
