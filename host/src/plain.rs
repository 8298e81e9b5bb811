//! Text that a terminal shows as it is: which characters it does not, and how they are
//! escaped.
//!
//! Capsules, their manifests and their processes produce text that is read on a terminal.
//! A terminal obeys control characters, including those of eight bits; direction marks
//! and invisible characters make a text look like another.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Returns whether a character is shown as itself. Line breaks and tabs are not.
#[must_use]
pub fn is_plain(character: char) -> bool {
    if character.is_ascii() {
        return !character.is_ascii_control();
    }
    !character.is_control()
        && !matches!(character,
            // Zero width, always or sometimes: hyphens, joiners, fillers, selectors,
            // tags.
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
            // Line breaks, and direction marks.
            | '\u{2028}'..='\u{202e}')
}

/// Returns the text with escapes, such as `\u{9b}`, for characters that are not shown as
/// they are, including line breaks and tabs.
///
/// ```
/// use boll_host::plain::escaped;
///
/// assert_eq!(escaped("plain"), "plain");
/// assert_eq!(escaped("a\u{1b}[2Jb\nc"), "a\\u{1b}[2Jb\\nc");
/// ```
#[must_use]
pub fn escaped(text: &str) -> Cow<'_, str> {
    escaped_unless(text, is_plain)
}

/// Returns the same for a text of several lines, whose line breaks and tabs stay.
#[must_use]
pub fn escaped_lines(text: &str) -> Cow<'_, str> {
    escaped_unless(text, |one| matches!(one, '\n' | '\t') || is_plain(one))
}

/// Returns bytes that should be text of several lines as text, with `\xff` for bytes that
/// are not UTF-8.
#[must_use]
pub fn escaped_bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(&escaped_lines(chunk.valid()));
        for byte in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

/// Returns JSON with `\u` escapes for characters that are not shown as they are. Outside
/// of strings, line breaks are the only such characters in JSON, and they stay.
#[must_use]
pub fn escaped_json(json: &str) -> Cow<'_, str> {
    let stays = |one| one == '\n' || is_plain(one);
    if json.chars().all(stays) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if stays(character) {
            out.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    Cow::Owned(out)
}

/// The longest quote in a message, in characters.
const SHOWN: usize = 200;

/// Returns a text that a message quotes, cut if it is very long, with its size.
///
/// ```
/// use boll_host::plain::shortened;
///
/// assert_eq!(shortened("short"), "short");
/// assert!(shortened(&"long".repeat(1000)).ends_with("… (4000 bytes)"));
/// ```
#[must_use]
pub fn shortened(text: &str) -> Cow<'_, str> {
    shortened_to(text, SHOWN)
}

/// Returns the same with another number of characters. A text of up to twice as many
/// bytes stays as it is.
#[must_use]
pub fn shortened_to(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) if text.len() > 2 * most => {
            Cow::Owned(format!("{}… ({} bytes)", &text[..end], text.len()))
        }
        _ => Cow::Borrowed(text),
    }
}

/// Returns what a message quotes of a file, a capsule or an argument: [`shortened`] and
/// [`escaped`].
#[must_use]
pub fn quoted(text: &str) -> String {
    escaped(&shortened(text)).into_owned()
}

/// Returns a string of TOML that has this text: a line to be pasted says what it shows.
pub(crate) fn toml_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        // Writing to a String cannot fail.
        let _ = match character {
            '"' | '\\' => write!(out, "\\{character}"),
            plain if is_plain(plain) => write!(out, "{plain}"),
            other => write!(out, "\\U{:08X}", u32::from(other)),
        };
    }
    out.push('"');
    out
}

/// Returns a message in which overlong input is cut: each of its words, and the whole.
#[must_use]
pub fn shortened_message(text: &str, most: usize) -> Cow<'_, str> {
    const WORD: usize = 2000;
    if text.len() <= WORD {
        return Cow::Borrowed(text);
    }
    let words = text.split_inclusive(char::is_whitespace);
    let words: String = words.map(|word| shortened_to(word, WORD)).collect();
    Cow::Owned(shortened_to(&words, most).into_owned())
}

fn escaped_unless(text: &str, stays: impl Fn(char) -> bool) -> Cow<'_, str> {
    if text.chars().all(&stays) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if stays(character) {
            out.push(character);
        } else {
            out.extend(character.escape_default());
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        for character in ('\0'..='\u{ff}').filter(|one| one.is_control()) {
            let text = format!("a{character}b");
            assert!(escaped(&text).chars().all(is_plain), "{character:?}");
            assert!(
                escaped_json(&text)
                    .chars()
                    .all(|one| one == '\n' || is_plain(one))
            );
            let lines = escaped_lines(&text);
            assert_eq!(lines.contains(character), matches!(character, '\n' | '\t'));
        }
        for text in ["\u{202e}", "\u{2066}", "\u{200b}", "\u{feff}", "\u{e0041}"] {
            assert!(escaped(text).starts_with("\\u{"), "{text:?}");
        }
        assert_eq!(escaped("häßlich 漢字 🦀"), "häßlich 漢字 🦀");
    }

    #[test]
    fn bytes_that_are_no_text_are_written_as_numbers() {
        assert_eq!(
            escaped_bytes(b"\x1f\x8b\0\x01ok\n"),
            "\\u{1f}\\x8b\\u{0}\\u{1}ok\n"
        );
        assert_eq!(escaped_bytes(b"\x9b2J"), "\\x9b2J");
    }

    #[test]
    fn escaped_json_is_the_same_json() {
        for text in ["\u{9b}2J\u{7f}", "\u{e0041}\u{202e}", "plain\n\u{1b}"] {
            let json = serde_json::to_string_pretty(&[text]).expect("JSON");
            let escaped = escaped_json(&json);
            let read: Vec<String> = serde_json::from_str(&escaped).expect("JSON");
            assert_eq!(read, [text]);
        }
    }
}
