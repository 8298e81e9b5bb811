//! XML of texts that others have written: with no character that XML 1.0 does not have.

use std::borrow::Cow;

/// The same XML with escapes, such as `\u{ffff}`, for characters that make parsers refuse
/// the whole of it, however they are written.
pub(super) fn well_formed(xml: &str) -> Cow<'_, str> {
    if xml.chars().all(is_allowed) {
        return Cow::Borrowed(xml);
    }
    let escaped = xml.chars().flat_map(|one| {
        let kept = is_allowed(one).then_some(one);
        let escaped = kept.is_none().then(|| one.escape_default());
        kept.into_iter().chain(escaped.into_iter().flatten())
    });
    Cow::Owned(escaped.collect())
}

fn is_allowed(one: char) -> bool {
    matches!(one,
        '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_does_not_have_is_escaped() {
        for (text, expected) in [
            ("<a b=\"ä\">漢\t\r\n🦀\u{85}\u{fdd0}</a>", None),
            ("a\u{fffe}b\u{ffff}", Some("a\\u{fffe}b\\u{ffff}")),
            (
                "\0\u{1}\u{b}\u{1b}[0m",
                Some("\\u{0}\\u{1}\\u{b}\\u{1b}[0m"),
            ),
        ] {
            assert_eq!(well_formed(text), expected.unwrap_or(text));
        }
    }
}
