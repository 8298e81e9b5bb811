//! What of a command is computed: what a shell puts in for its substitutions and
//! variables, and the pieces that may name a folder then.
//!
//! Pure.

use super::shell::{is_name, pieces, variables};

/// Stands for a substitution that leads to a top by itself.
const TOP: &[u8] = b"./";
/// Stands for any other.
const ANY: &[u8] = b"${!}";

/// What git says of its folders, which are the tops or stay as they are.
const TOPS: [&[u8]; 7] = [
    b"--absolute-git-dir",
    b"--git-common-dir",
    b"--git-dir",
    b"--path-format=absolute",
    b"--show-cdup",
    b"--show-prefix",
    b"--show-toplevel",
];

/// A command with variables in the place of its substitutions, each name in braces,
/// and the substitutions, which are commands. Quotes make no difference: rather too
/// much.
pub(super) fn open(text: &[u8]) -> (Vec<u8>, Vec<Vec<u8>>) {
    let text = without_backticks(text);
    let (mut opened, mut inside, mut rest) = (Vec::new(), Vec::new(), &text[..]);
    while let [first, after @ ..] = rest {
        let length = match (first, after) {
            (b'\\', [_, ..]) => 2,
            (b'$', [b'(', ..]) => {
                let (length, inner) = bracket(rest);
                opened.extend(if is_top(inner) { TOP } else { ANY });
                inside.push(inner.into());
                rest = &rest[length..];
                continue;
            }
            (b'$', [byte, name @ ..]) if is_name(byte) => {
                let more = name.iter().take_while(|byte| is_name(byte)).count();
                // `$10` is `$1` and a zero.
                let more = if byte.is_ascii_digit() { 0 } else { more };
                opened.extend(b"${");
                opened.extend(&after[..=more]);
                opened.push(b'}');
                rest = &after[1 + more..];
                continue;
            }
            _ => 1,
        };
        opened.extend(&rest[..length]);
        rest = &rest[length..];
    }
    (opened, inside)
}

/// The same command with `$(…)` in the place of backticks that are not in others.
fn without_backticks(text: &[u8]) -> Vec<u8> {
    let (mut opened, mut inside) = (Vec::new(), false);
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => opened.extend(std::iter::once(byte).chain(bytes.next())),
            b'`' => {
                opened.extend(if inside { &b")"[..] } else { b"$(" });
                inside = !inside;
            }
            byte => opened.push(byte),
        }
    }
    opened
}

/// How long the `$(…)` is that a text begins with, and what is in it.
fn bracket(text: &[u8]) -> (usize, &[u8]) {
    let (mut depth, mut at) = (0, 1);
    while at < text.len() {
        match text[at] {
            b'\\' => at += 1,
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return (at + 1, &text[2..at]);
        }
        at += 1;
    }
    (text.len(), &text[2..])
}

/// Whether a substitution leads to a top.
pub(super) fn is_top(inner: &[u8]) -> bool {
    let mut words = inner
        .split(|byte| byte.is_ascii_whitespace() || *byte == b'"')
        .filter(|word| !word.is_empty());
    let harmless = |word: &[u8]| TOPS.contains(&word) || word == b"2>/dev/null";
    match words.next() {
        Some(b"pwd") => words.next().is_none(),
        Some(b"git") => words.next() == Some(b"rev-parse") && words.all(harmless),
        _ => false,
    }
}

/// The parts of a word, or of a text of code, that may name a folder.
pub(super) fn names(word: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let all = pieces(word);
    let defaults = variables(word).into_iter().map(|(_, default)| default);
    for (at, piece) in all.iter().copied().chain(defaults).enumerate() {
        // Something that is computed follows.
        let open = at + 1 < all.len();
        let is_end = |byte: &u8| {
            byte.is_ascii_whitespace()
                || byte.is_ascii_control()
                || b"'\"`;|&()<>{}[]$=,:@%^*?\\".contains(byte)
        };
        let mut rest = piece;
        loop {
            let end = rest.iter().position(is_end);
            let part = &rest[..end.unwrap_or(rest.len())];
            // Where it goes on with what is not known, it may be in the folder before.
            let begun = end.map_or(open, |end| b"*?[{".contains(&rest[end]));
            name(part, begun, &mut found);
            match end {
                Some(end) => rest = &rest[end + 1..],
                None => break,
            }
        }
    }
    found
}

fn name(part: &[u8], begun: bool, found: &mut Vec<Vec<u8>>) {
    // The value of an option that has it with it.
    let part = match part {
        [b'-', b'-', ..] => return,
        [b'-', _, value @ ..] => value,
        part => part,
    };
    let slash = part.iter().rposition(|byte| *byte == b'/');
    let parent = slash.filter(|_| begun).map(|slash| &part[..slash]);
    for name in parent.into_iter().chain([part]) {
        // What was before it may have been a variable for a top.
        let below = name.iter().position(|byte| *byte != b'/');
        if let Some(below) = below.filter(|_| name != b".") {
            found.extend((below > 0).then(|| name[below..].into()));
            found.push(name.into());
        }
    }
}
