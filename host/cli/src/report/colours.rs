//! The output of tools: colours may reach a terminal, and nothing else that it obeys.

use boll_host::plain::escaped_lines;

/// What begins a sequence that a terminal obeys.
const BEGIN: &str = "\u{1b}[";

/// What ends all colours.
const RESET: &str = "\u{1b}[0m";

/// Returns a text whose colours (SGR sequences) stay. Other control characters are escaped.
pub(crate) fn with_colours(text: &str) -> String {
    let mut coloured = false;
    let mut out = replaced(text, |out, sequence| {
        coloured = true;
        out.push_str(sequence);
    });
    if coloured {
        let end = out.trim_end_matches('\n').len();
        out.insert_str(end, RESET);
    }
    out
}

/// Returns a text without its colours. Other control characters are escaped.
pub(crate) fn without_colours(text: &str) -> String {
    replaced(text, |_, _| {})
}

/// Returns whether there are colours in a text.
pub(crate) fn has_some(text: &str) -> bool {
    let mut found = false;
    replaced(text, |_, _| found = true);
    found
}

fn replaced(text: &str, mut each: impl FnMut(&mut String, &str)) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(BEGIN) {
        let (before, sequence) = rest.split_at(at);
        out.push_str(&escaped_lines(before));
        if let Some(length) = length_of_colour(sequence) {
            let (colour, after) = sequence.split_at(length);
            each(&mut out, colour);
            rest = after;
        } else {
            out.push_str(&escaped_lines(BEGIN));
            rest = &sequence[BEGIN.len()..];
        }
    }
    out.push_str(&escaped_lines(rest));
    out
}

/// Returns the length of the colour that a text begins with.
fn length_of_colour(sequence: &str) -> Option<usize> {
    let parameters = &sequence[BEGIN.len()..];
    let end = parameters.find(|one: char| !one.is_ascii_digit() && !matches!(one, ';' | ':'))?;
    parameters[end..]
        .starts_with('m')
        .then_some(BEGIN.len() + end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_pass_and_nothing_else_that_a_terminal_obeys() {
        let red = "\u{1b}[1;38;5;9merror\u{1b}[0m: `x`\n  --> src/lib.rs:1\n";
        assert_eq!(without_colours(red), "error: `x`\n  --> src/lib.rs:1\n");
        let shown = with_colours(red);
        assert_eq!(shown.replace(RESET, ""), red.replace(RESET, ""));
        assert!(shown.ends_with("\u{1b}[0m\n"), "colours end with the text");
        assert!(has_some(red) && !has_some("plain"));
        for hostile in [
            "\u{1b}]0;title\u{7}",
            "\u{1b}]52;c;aGk=\u{7}",
            "\u{1b}[2J",
            "\u{1b}[6n",
            "\u{1b}[?1049h",
            "\u{1b}[31",
            "\u{1b}[>4;2m",
            "\u{1b}[\u{1b}[2Jm",
            "\u{1b}P+q\u{1b}\\",
            "\u{9b}2J",
            "\r\u{8}",
            "\u{1b}c",
            "\u{202e}",
        ] {
            for text in [with_colours(hostile), without_colours(hostile)] {
                let obeyed = |one: char| one.is_control() || one == '\u{202e}';
                assert!(!text.contains(obeyed), "{text:?}");
            }
        }
    }
}
