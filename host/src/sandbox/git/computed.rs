//! What of a command is computed: what a shell puts in for its substitutions and
//! variables, and the words that may name a folder then.
//!
//! Pure.

use super::shell::{is_name, pieces, variables};

/// Stands for a substitution that leads to a top by itself.
const TOP: &[u8] = b"${}";
/// Stands for any other.
const ANY: &[u8] = b"${!}";

/// Words of a shell's, and programs, that make words of what they are given.
const COMPUTES: [&[u8]; 13] = [
    b"eval",
    b"find",
    b"for",
    b"function",
    b"mapfile",
    b"parallel",
    b"read",
    b"readarray",
    b"select",
    b"set",
    b"until",
    b"while",
    b"xargs",
];

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
    let (mut opened, mut inside, mut at) = (Vec::new(), Vec::new(), 0);
    while at < text.len() {
        let rest = &text[at..];
        let (length, inner) = match rest {
            [b'\\', ..] => {
                let length = rest.len().min(2);
                opened.extend(&rest[..length]);
                at += length;
                continue;
            }
            [b'$', b'(', ..] => bracket(rest),
            [b'`', quoted @ ..] => match backtick(quoted) {
                Some(found) => found,
                None => {
                    opened.push(b'`');
                    at += 1;
                    continue;
                }
            },
            [b'$', first, name @ ..] if is_name(first) => {
                let more = name.iter().take_while(|byte| is_name(byte)).count();
                // `$10` is `$1` and a zero.
                let more = if first.is_ascii_digit() { 0 } else { more };
                opened.extend(b"${");
                opened.extend(&rest[1..2 + more]);
                opened.push(b'}');
                at += 2 + more;
                continue;
            }
            _ => {
                opened.push(rest[0]);
                at += 1;
                continue;
            }
        };
        opened.extend(if is_top(&inner) { TOP } else { ANY });
        inside.push(inner);
        at += length;
    }
    (opened, inside)
}

/// How long the `$(…)` is that a text begins with, and what is in it.
fn bracket(text: &[u8]) -> (usize, Vec<u8>) {
    let (mut depth, mut at) = (0, 1);
    while at < text.len() {
        match text[at] {
            b'\\' => at += 1,
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return (at + 1, text[2..at].into());
        }
        at += 1;
    }
    (text.len(), text[2..].into())
}

/// The same of one in backticks, without the first.
fn backtick(text: &[u8]) -> Option<(usize, Vec<u8>)> {
    let (mut inner, mut at) = (Vec::new(), 0);
    while at < text.len() {
        match &text[at..] {
            [b'`', ..] => return Some((at + 2, inner)),
            [b'\\', byte @ (b'`' | b'$' | b'\\'), ..] => {
                inner.push(*byte);
                at += 1;
            }
            [byte, ..] => inner.push(*byte),
            [] => {}
        }
        at += 1;
    }
    None
}

/// Whether a substitution leads to a top.
fn is_top(inner: &[u8]) -> bool {
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

/// Whether something is computed in a command, however it is taken apart.
pub(super) fn is_computed(opened: &[u8]) -> bool {
    opened.contains(&b'$')
        || has_document(opened)
        || opened.windows(2).any(|two| matches!(two, b"()" | b"{}"))
}

/// Whether a command has words in the place of programs: lines that are read, or lists.
pub(super) fn has_document(text: &[u8]) -> bool {
    text.windows(2).any(|two| matches!(two, b"<<" | b"=("))
}

/// Whether a word makes words of what follows or is read.
pub(super) fn computes(word: &[u8]) -> bool {
    COMPUTES.contains(&word)
}

/// Whether a program of this name has its commands taken apart: it has no code of
/// another language.
pub(super) fn is_shell(name: &[u8]) -> bool {
    matches!(
        name,
        b"bash" | b"dash" | b"eval" | b"git" | b"ksh" | b"sh" | b"zsh"
    )
}

/// Whether a shell looks a word up that is a command's first.
pub(super) fn is_bare(word: &[u8]) -> bool {
    word.iter()
        .all(|byte| is_name(byte) || b"-.+[]!".contains(byte))
}

/// The parts of a word, or of a text of code, that may name a folder.
pub(super) fn names(word: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let all = pieces(word);
    for (at, piece) in all.iter().enumerate() {
        split(piece, at + 1 < all.len(), &mut found);
    }
    for (_, default) in variables(word) {
        split(default, false, &mut found);
    }
    found
}

/// `open`: something that is computed follows.
fn split(text: &[u8], open: bool, found: &mut Vec<Vec<u8>>) {
    let ends = |byte: &u8| {
        byte.is_ascii_whitespace()
            || byte.is_ascii_control()
            || b"'\"`;|&()<>{}[]$=,:@%^*?\\".contains(byte)
    };
    let mut rest = text;
    loop {
        let end = rest.iter().position(ends);
        let part = &rest[..end.unwrap_or(rest.len())];
        // Its end is not known.
        let begun = match end {
            Some(end) => b"*?[{".contains(&rest[end]),
            None => open,
        };
        name(part, begun, found);
        match end {
            Some(end) => rest = &rest[end + 1..],
            None => return,
        }
    }
}

fn name(part: &[u8], begun: bool, found: &mut Vec<Vec<u8>>) {
    // The value of an option that has it with it.
    let part = match part {
        [b'-', letter, value @ ..] if *letter != b'-' => value,
        part => part,
    };
    let slash = part.iter().rposition(|byte| *byte == b'/');
    let parent = slash.filter(|_| begun).map(|slash| &part[..slash]);
    let is_name = |name: &&[u8]| *name != b"." && name.iter().any(|byte| *byte != b'/');
    for name in parent.into_iter().chain([part]).filter(is_name) {
        // What was before it may have been a variable for a top.
        let below = name
            .iter()
            .position(|byte| *byte != b'/')
            .unwrap_or_default();
        if below > 0 {
            found.push(name[below..].into());
        }
        found.push(name.into());
    }
}
