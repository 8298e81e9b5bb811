//! Which lines of the operator's file no message shows: those with a value that may be a
//! password.

use std::ops::Range;

use boll_host::document::DocumentError;
use toml_edit::{Document, Item};

/// Returns an error about the file with this text, without the lines that it shows if one of
/// them has such a value. The position stays.
pub(super) fn hide(text: &str, error: DocumentError) -> DocumentError {
    let Some(span) = &error.span else {
        return error;
    };
    let start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[span.end..].find('\n');
    let end = end.map_or(text.len(), |at| span.end + at);
    let shows = |value: &Range<usize>| value.start < end && start < value.end;
    match private(text) {
        Some(values) if !values.iter().any(shows) => error,
        _ => error.without_span(),
    }
}

/// Returns where such values are. Nothing if the text is not TOML.
fn private(text: &str) -> Option<Vec<Range<usize>>> {
    let document = Document::parse(text).ok()?;
    let file = document.as_table();
    let mut values = values_of(file.get("sandbox"), &["variables"]);
    let capsules = file.get("capsule").and_then(Item::as_table_like);
    for (_, entry) in capsules.into_iter().flat_map(|capsules| capsules.iter()) {
        values.extend(values_of(Some(entry), &["config", "fixed"]));
    }
    Some(values)
}

/// Returns where the values of these tables in an item are.
fn values_of(item: Option<&Item>, names: &[&str]) -> Vec<Range<usize>> {
    let within = |name: &&str| item.and_then(Item::as_table_like)?.get(name);
    let tables = names.iter().filter_map(within);
    let values = tables.flat_map(|table| match table.as_table_like() {
        Some(table) => table.iter().map(|(_, value)| value.span()).collect(),
        None => vec![table.span()],
    });
    values.flatten().collect()
}

#[cfg(test)]
mod tests {
    use boll_host::document::Document as Shown;

    use super::*;

    /// Returns whether an error at a word shows its line.
    fn is_shown(text: &str, word: &str) -> bool {
        let at = text.find(word).expect("the word");
        let error = Shown::new("boll.toml", text).error(Some(at..at + word.len()), "wrong");
        hide(text, error).span.is_some()
    }

    #[test]
    fn a_line_with_a_value_that_may_be_a_password_is_not_shown() {
        for text in [
            "sandbox = { variables = { A = \"pass\" }, tools = [\"WRONG\"] }",
            "[sandbox]\nvariables = { A = \"pass\" } # WRONG",
            "[sandbox]\nvariables.A = '''\npass''' # WRONG\n",
            "[capsule.a]\nconfig = { a = \"pass\", b = 1 } # WRONG",
            "capsule.a = { fixed = { a = [1, \"pass\"] }, allow = [\"WRONG\"] }",
            "capsule = { a = { config = \"pass\" }, WRONG = { } }",
            "WRONG is not TOML",
        ] {
            assert!(!is_shown(text, "WRONG"), "{text}");
        }
        for text in [
            "[sandbox]\ntools = [\"WRONG\"]\nvariables = { A = \"pass\" }\n",
            "[sandbox.variables]\nA = \"pass\"\n[WRONG]\n",
            "[capsule.a]\nallow = [\"WRONG\"]\n[capsule.a.config]\na = \"pass\"",
        ] {
            assert!(is_shown(text, "WRONG"), "{text}");
        }
    }
}
