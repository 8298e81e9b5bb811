//! The words of a grant: split as a shell would, and nothing that a shell or a
//! reader would take for something else; quoted, where they are written.
//!
//! A grant is read by people who decide about it. Whatever a shell would drop,
//! join or expand, and whatever looks like less than it is, is an error.

/// Splits a grant's text into its words.
pub(super) fn split(text: &str) -> Result<Vec<String>, String> {
    if let Some(character) = text.chars().find(|one| !is_plain_character(*one)) {
        return Err(format!(
            "it has the character U+{:04X}, which is not shown as it is",
            u32::from(character)
        ));
    }
    if text.starts_with(' ') || text.ends_with(' ') {
        return Err("there is a space at its beginning or its end".to_owned());
    }
    let mut rest = text.chars().peekable();
    let mut words = Vec::new();
    while let Some(first) = rest.peek() {
        match first {
            ' ' => {
                rest.next();
            }
            '#' => {
                return Err(
                    "a word begins with `#`, which begins a comment: quote it as '#'".to_owned(),
                );
            }
            _ => words.push(word(&mut rest)?),
        }
    }
    Ok(words)
}

/// Takes one word.
fn word(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String, String> {
    let (mut word, mut quoted) = (String::new(), false);
    let open = || "a quote is not closed".to_owned();
    while let Some(character) = rest.next_if(|one| *one != ' ') {
        match character {
            '\'' => {
                quoted = true;
                loop {
                    match rest.next().ok_or_else(open)? {
                        '\'' => break,
                        inside => word.push(inside),
                    }
                }
            }
            '"' => {
                quoted = true;
                loop {
                    match rest.next().ok_or_else(open)? {
                        '"' => break,
                        '\\' => match rest.next().ok_or_else(open)? {
                            escaped @ ('$' | '`' | '"' | '\\') => word.push(escaped),
                            other => word.extend(['\\', other]),
                        },
                        inside => word.push(inside),
                    }
                }
            }
            '\\' => {
                quoted = true;
                word.push(rest.next().ok_or("nothing comes after its last `\\`")?);
            }
            _ => word.push(character),
        }
    }
    // Patterns are matched by their words: there a quoted star is a star too.
    if quoted && matches!(word.as_str(), "*" | "**") {
        return Err(format!(
            "a quoted `{word}` would not stand for itself: no grant names a star alone; without \
             quotes, `*` matches any argument, and so this one"
        ));
    }
    Ok(word)
}

/// Whether a reader sees a character as what it is: no control character, no
/// mark that turns the text around, nothing invisible, no space but the one.
fn is_plain_character(character: char) -> bool {
    crate::plain::is_plain(character)
        && (character == ' ' || !character.is_whitespace())
        && !BLANK.contains(&character)
        && is_printable(character)
}

/// Characters whose glyphs are empty, which no property of theirs says: the braille pattern
/// without dots, stand-ins, and blanks of hieroglyphs, of Khitan and of musical notation.
const BLANK: [char; 6] = [
    '\u{2800}',
    '\u{fffc}',
    '\u{13441}',
    '\u{13442}',
    '\u{16fe4}',
    '\u{1d159}',
];

/// Whether a character is of no category without a glyph of its own: controls, formats,
/// private use, unassigned, and separators other than the space.
fn is_printable(character: char) -> bool {
    if character.is_ascii() {
        return !character.is_ascii_control();
    }
    // Where it comes first, a combining character would be escaped, too.
    let mut text = [b'a'; 5];
    let length = character.encode_utf8(&mut text[1..]).len();
    let text = str::from_utf8(&text[..=length]).unwrap_or_default();
    text.escape_debug().count() == 2
}

/// Whether a terminal shows a text as it is. Whoever is asked for a grant reads
/// it there, so what asks must neither move the cursor nor look like another.
pub(super) fn is_plain(text: &str) -> bool {
    text.chars().all(is_plain_character)
}

/// A word as a shell would take it, with the stars of patterns left bare.
pub(super) fn quote(word: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || b"*-_=/.,:+@%".contains(&byte);
    if !word.is_empty() && word.bytes().all(bare) {
        word.to_owned()
    } else {
        // A word with a control character is no pattern, so quoting cannot fail.
        shlex::try_quote(word).map_or_else(|_| String::new(), |quoted| quoted.into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        split(text).expect(text)
    }

    #[test]
    fn words_are_what_a_shell_makes_of_them() {
        for text in [
            "",
            "git",
            "git  log **",
            "printf 'two words' \"three \\\" $words\"",
            "a\\ b c\\'d",
            "'' \"\"",
            "a#b '#c' \\#d \"#e\"",
            "mixed'q'\"uo\"te\\d",
            "häßlich 'ü' u\u{308} 中文 हिन्दी العربية 🦀 €",
        ] {
            assert_eq!(words(text), shlex::split(text).expect(text), "{text}");
        }
    }

    #[test]
    fn what_a_grant_is_quoted_to_survives() {
        for word in [
            "a b", "#x", "it's", "\"", "\\", "$HOME", "`x`", "!^", "ä", "'!'", "",
        ] {
            assert_eq!(words(&quote(word)), [word], "{word}");
        }
    }

    #[test]
    fn what_means_more_than_it_says_is_an_error() {
        for (text, why) in [
            ("echo #harmless", "`#`"),
            ("echo #", "`#`"),
            ("#echo", "`#`"),
            ("echo '*'", "a quoted `*`"),
            ("echo \"*\"", "a quoted `*`"),
            ("echo \\*", "a quoted `*`"),
            ("echo '**'", "a quoted `**`"),
            ("echo *'*'", "a quoted `**`"),
            ("echo 'open", "not closed"),
            ("echo \"open", "not closed"),
            ("echo \"open\\", "not closed"),
            ("echo end\\", "last `\\`"),
            ("echo ", "a space"),
            (" echo", "a space"),
            ("echo\nrm", "U+000A"),
            ("echo\trm", "U+0009"),
            ("echo\rrm", "U+000D"),
            ("echo 'a\nb'", "U+000A"),
            ("echo\u{a0}x", "U+00A0"),
            ("echo\u{3000}x", "U+3000"),
            ("echo \u{202e}x", "U+202E"),
            ("echo \u{200b}x", "U+200B"),
            ("echo \u{9b}2J", "U+009B"),
            ("ec\u{ad}ho", "U+00AD"),
            ("echo \u{feff}", "U+FEFF"),
            ("echo \u{e0041}", "U+E0041"),
            ("echo \u{2800}", "U+2800"),
            ("echo \u{3164}x", "U+3164"),
            ("echo \u{115f}", "U+115F"),
            ("echo \u{ffa0}", "U+FFA0"),
            ("echo \u{fffc}", "U+FFFC"),
            ("echo \u{1d159}", "U+1D159"),
            ("echo \u{16fe4}", "U+16FE4"),
            ("echo \u{13430}", "U+13430"),
            ("echo \u{13441}", "U+13441"),
            ("echo \u{70f}", "U+070F"),
            ("echo \u{e000}", "U+E000"),
            ("echo \u{fdd0}", "U+FDD0"),
            ("echo \u{10ffff}", "U+10FFFF"),
            ("echo \u{378}", "U+0378"),
        ] {
            let error = split(text).expect_err(text);
            assert!(error.contains(why), "{text:?}: {error}");
        }
    }
}
