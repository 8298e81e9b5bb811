//! Whether code of `awk`, `sed` or an editor only changes text: it executes nothing, and
//! reads and writes no file.
//!
//! Pure. What is not understood does more.

/// Words of `awk` that execute or read something, or may.
const OF_AWK: [&[u8]; 4] = [b"system", b"getline", b"@", b"close"];

/// Commands of `vim` that execute a file, or code.
const OF_VIM: [&[u8]; 26] = [
    b"call",
    b"exe",
    b"exec",
    b"execute",
    b"eval",
    b"ex",
    b"grep",
    b"lua",
    b"luado",
    b"luafile",
    b"make",
    b"norm",
    b"normal",
    b"perl",
    b"py",
    b"pyfile",
    b"python",
    b"ru",
    b"ruby",
    b"runtime",
    b"sh",
    b"shell",
    b"so",
    b"source",
    b"system",
    b"terminal",
];

/// Whether a program of `awk`'s only looks at its input and says something.
pub(super) fn awk_is_plain(code: &[u8]) -> bool {
    let has = |part: &[u8]| code.windows(part.len()).any(|window| window == part);
    let print = code.windows(5).position(|window| window == b"print");
    // Behind it, they lead to a program or a file; before it, they compare.
    let behind = &code[print.unwrap_or(code.len())..];
    !OF_AWK.iter().any(|word| has(word)) && !behind.iter().any(|byte| b"|>".contains(byte))
}

/// Whether a script of `sed`'s only changes what it reads.
pub(super) fn sed_is_plain(script: &[u8]) -> bool {
    let mut rest = script;
    while let [first, after @ ..] = rest {
        let next = match first {
            byte if byte.is_ascii_whitespace() || byte.is_ascii_digit() => Some(after),
            b';' | b'{' | b'}' | b'$' | b',' | b'!' | b'~' | b'+' => Some(after),
            b'd' | b'D' | b'p' | b'P' | b'n' | b'N' | b'g' | b'G' | b'h' | b'H' | b'x' | b'q'
            | b'Q' | b'=' => Some(after),
            // An address.
            b'/' => behind(after, b'/'),
            b's' | b'y' => match after {
                [end, after @ ..] if !end.is_ascii_alphanumeric() && !b"\\\n".contains(end) => {
                    let flags = behind(after, *end).and_then(|after| behind(after, *end));
                    flags.and_then(|flags| {
                        let is_flag =
                            |byte: &&u8| byte.is_ascii_digit() || b"gpIiMm".contains(byte);
                        let count = flags.iter().take_while(is_flag).count();
                        let after = &flags[count..];
                        let ends = after
                            .first()
                            .is_none_or(|byte| byte.is_ascii_whitespace() || b";}".contains(byte));
                        ends.then_some(after)
                    })
                }
                _ => None,
            },
            _ => None,
        };
        match next {
            Some(next) => rest = next,
            None => return false,
        }
    }
    true
}

/// What is behind an end that has no backslash before it and is in no brackets. Where it
/// may be in brackets, nothing is.
fn behind(text: &[u8], end: u8) -> Option<&[u8]> {
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            b'\\' => at += 1,
            byte if byte == end => return Some(&text[at + 1..]),
            b'[' => {
                let close = text[at..].iter().position(|byte| *byte == b']')?;
                if text[at..at + close].contains(&end) {
                    return None;
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Whether a command of an editor's executes nothing that it finds.
pub(super) fn editor_is_plain(code: &[u8]) -> bool {
    let in_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let known = |byte: &u8| in_word(byte) || b" +-.,=:|!<>'\"/".contains(byte);
    let mut words = code.split(|byte| !in_word(byte));
    let shell = |at: usize| at == 0 || b" :|".contains(&code[at - 1]);
    let starts = |at: usize| code[at] == b'!' && shell(at);
    code.iter().all(known)
        && !(0..code.len()).any(starts)
        && !words.any(|word| OF_VIM.contains(&word.to_ascii_lowercase().as_slice()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_that_only_changes_text_is_told_from_other() {
        for (code, plain) in [
            ("{print $1}", true),
            ("/main|master/ {print $2}", true),
            ("$2 > 5 {print}", true),
            ("{print > $1}", false),
            ("{print | \"sh\"}", false),
            ("BEGIN { system(\"x\") }", false),
            ("{ \"x\" | getline }", false),
        ] {
            assert_eq!(awk_is_plain(code.as_bytes()), plain, "{code}");
        }
        for (script, plain) in [
            ("s/a/b/g", true),
            ("s#refs/heads/##", true),
            ("s/a/b/;s,x,y,2p", true),
            ("/^x/d", true),
            ("$!N;1,3p", true),
            ("s/.*/sh x/e", false),
            ("1e sh x", false),
            ("w x", false),
            ("s/a/b/w x", false),
            ("r x", false),
            ("s/[/]/e;/e", false),
        ] {
            assert_eq!(sed_is_plain(script.as_bytes()), plain, "{script}");
        }
        for (code, plain) in [
            ("wincmd w", true),
            ("Gdiffsplit!", true),
            ("!sh x", false),
            ("so x", false),
            ("x|!sh x", false),
            ("Source x", false),
        ] {
            assert_eq!(editor_is_plain(code.as_bytes()), plain, "{code}");
        }
    }
}
