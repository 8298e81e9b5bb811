//! The paths that a text names, as far as they are written out.
//!
//! Pure, and generous: whatever looks like a path is taken for one.

use std::borrow::Cow;
use std::collections::BTreeSet;

/// What a word of a text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Meaning {
    /// A path, perhaps.
    Word,
    /// The rest of a path, after a variable: relative to nobody knows what.
    Rest,
    /// A folder that is taken as a whole, such as a library.
    Whole,
}

/// What is between words of any format.
const APART: &str = "\"'`=,;:()[]{}<>|&#!";

/// The keys of manifests whose values are folders that are taken as a whole.
const WHOLE: [&str; 6] = [
    "default-members",
    "members",
    "packages",
    "path",
    "paths",
    "workspaces",
];

/// The words of a text.
pub(super) fn words(text: &str) -> BTreeSet<(String, Meaning)> {
    let mut found = BTreeSet::new();
    for line in text.lines() {
        line_words(line, &mut found);
    }
    found
}

/// The words of source code: those that lead out of a folder, and whole paths only
/// where something is included.
pub(super) fn words_of_source(text: &str) -> BTreeSet<(String, Meaning)> {
    const INCLUDES: [&str; 7] = [
        "#[path",
        "#cgo",
        "from ",
        "go:generate",
        "import",
        "include",
        "require",
    ];
    let mut found = BTreeSet::new();
    for line in text.lines() {
        let line = &*unescaped(line);
        if !line.contains('/') {
            continue;
        }
        let includes = INCLUDES.iter().any(|sign| line.contains(sign));
        if includes || line.contains("../") {
            let mut words = BTreeSet::new();
            line_words(line, &mut words);
            let counts = |word: &str| word.contains("../") || includes && word.starts_with('/');
            found.extend(words.into_iter().filter(|(word, _)| counts(word)));
        }
    }
    found
}

/// The values of a document in TOML, and the words in them.
pub(super) fn of_toml(text: &str) -> Option<BTreeSet<(String, Meaning)>> {
    let mut found = BTreeSet::new();
    let table: toml::Table = toml::from_str(text).ok()?;
    for (key, value) in &table {
        toml_value(key, value, &mut found);
    }
    Some(found)
}

fn toml_value(key: &str, value: &toml::Value, found: &mut BTreeSet<(String, Meaning)>) {
    match value {
        toml::Value::String(text) => add_value(key, text, found),
        toml::Value::Array(values) => {
            for value in values {
                toml_value(key, value, found);
            }
        }
        toml::Value::Table(table) => {
            for (key, value) in table {
                toml_value(key, value, found);
            }
        }
        _ => {}
    }
}

/// The values of a document in JSON, and the words in them.
pub(super) fn of_json(text: &str) -> Option<BTreeSet<(String, Meaning)>> {
    let mut found = BTreeSet::new();
    json_value("", &serde_json::from_str(text).ok()?, &mut found);
    Some(found)
}

fn json_value(key: &str, value: &serde_json::Value, found: &mut BTreeSet<(String, Meaning)>) {
    match value {
        serde_json::Value::String(text) => add_value(key, text, found),
        serde_json::Value::Array(values) => {
            for value in values {
                json_value(key, value, found);
            }
        }
        serde_json::Value::Object(entries) => {
            for (inner, value) in entries {
                // `workspaces = { packages = [...] }`, and paths as names.
                add_value("", inner, found);
                json_value(inner, value, found);
            }
        }
        _ => {}
    }
}

fn add_value(key: &str, value: &str, found: &mut BTreeSet<(String, Meaning)>) {
    let linked = ["file:", "link:", "portal:"];
    let link = linked.iter().find_map(|sign| value.strip_prefix(sign));
    let meaning = match link.is_some() || WHOLE.contains(&key) {
        true => Meaning::Whole,
        false => Meaning::Word,
    };
    // A path may have spaces.
    add(link.unwrap_or(value), meaning, found);
    for line in value.lines() {
        line_words(line, found);
    }
}

fn line_words(line: &str, found: &mut BTreeSet<(String, Meaning)>) {
    let apart = |one: char| one.is_whitespace() || APART.contains(one);
    let mut after_variable = false;
    for word in line.split_inclusive(apart) {
        let end = word.chars().next_back();
        let word = word.trim_end_matches(apart);
        for (place, part) in word.split('$').enumerate() {
            let name = |one: char| one.is_ascii_alphanumeric() || one == '_';
            let (part, rest) = match place {
                0 => (part, after_variable),
                _ => (part.trim_start_matches(name), true),
            };
            // What is before a variable is a folder at most.
            let last = place == word.matches('$').count();
            let part = match last {
                true => part,
                false => part.rfind('/').map_or("", |slash| &part[..=slash]),
            };
            match rest {
                true => add(part.trim_start_matches('/'), Meaning::Rest, found),
                false => add(part, Meaning::Word, found),
            }
            if rest && part.starts_with('/') {
                add(part, Meaning::Word, found);
            }
        }
        after_variable = matches!(end, Some(')' | '}'));
    }
}

/// Adds a word, and the paths that flags are followed by.
fn add(word: &str, meaning: Meaning, found: &mut BTreeSet<(String, Meaning)>) {
    let plain = without_patterns(word);
    // A pattern for all that is in a folder is the folder.
    let all = meaning == Meaning::Whole && !word.is_empty();
    if plain.is_empty() && !all {
        return;
    }
    if plain.starts_with('-') {
        let begins = ["../", "./", "/"]
            .iter()
            .filter_map(|sign| plain.find(sign));
        let path = begins.min().map(|at| &plain[at..]);
        let path = path.or_else(|| plain.strip_suffix("..").map(|_| ".."));
        found.extend(path.map(|path| (path.to_owned(), meaning)));
        // `-fsub/x.mk`, which another flag may have moved.
        let joined = plain.get(2..).filter(|rest| rest.contains('/'));
        found.extend(joined.map(|rest| (rest.trim_start_matches('/').to_owned(), Meaning::Rest)));
    }
    if let Some(decoded) = decoded(plain) {
        found.insert((decoded, meaning));
    }
    found.insert((plain.to_owned(), meaning));
}

/// The folder that a pattern is for; a path without patterns is its own.
fn without_patterns(word: &str) -> &str {
    match word.find(['*', '?', '[', '{']) {
        None => word,
        Some(at) => match word[..at].rfind('/') {
            Some(slash) => &word[..=slash],
            None => "",
        },
    }
}

/// A word of an address, in which bytes may be written as `%2e`.
fn decoded(word: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut parts = word.split('%');
    bytes.extend(parts.next()?.bytes());
    let mut any = false;
    for part in parts {
        any = true;
        let byte = part
            .get(..2)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok())?;
        bytes.push(byte);
        bytes.extend(part[2..].bytes());
    }
    any.then(|| String::from_utf8(bytes).ok()).flatten()
}

/// A line of source code with the characters for its escapes, as languages write
/// them: `\x2e`, `\u002e`, `\u{2e}`, `\056`.
fn unescaped(line: &str) -> Cow<'_, str> {
    if !line.contains('\\') {
        return Cow::Borrowed(line);
    }
    let mut text = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let (one, length) = escape(&rest[at + 1..]).unwrap_or(('\\', 0));
        text.push(one);
        rest = &rest[at + 1 + length..];
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// The character that an escape stands for, and how long it is behind its backslash.
fn escape(text: &str) -> Option<(char, usize)> {
    let coded = |digits: &str, radix, length| {
        let code = u32::from_str_radix(digits, radix).ok()?;
        Some((char::from_u32(code)?, length))
    };
    match text.as_bytes().first()? {
        b'x' => coded(text.get(1..3)?, 16, 3),
        b'u' if text.starts_with("u{") => {
            let end = text.find('}')?;
            coded(&text[2..end], 16, end + 1)
        }
        b'u' => coded(text.get(1..5)?, 16, 5),
        b'0'..=b'7' => coded(text.get(..3)?, 8, 3),
        b'/' => Some(('/', 1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Meaning::{Rest, Whole, Word};
    use super::*;

    fn has(found: &BTreeSet<(String, Meaning)>, word: &str, meaning: Meaning) -> bool {
        found.contains(&(word.to_owned(), meaning))
    }

    #[test]
    fn words_are_found_in_what_tools_read() {
        for (line, word, meaning) in [
            ("include ../x.mk # more", "../x.mk", Word),
            ("-include ../x.mk", "../x.mk", Word),
            ("\t$(MAKE) -C ../lib all", "../lib", Word),
            ("\tmake -C../lib", "../lib", Word),
            ("CFLAGS += -I../include", "../include", Word),
            ("\tcc -I..", "..", Word),
            ("\tmake -C.. -fws/b.mk", "ws/b.mk", Rest),
            ("include $(TOP)/ws/x.mk", "ws/x.mk", Rest),
            ("include ${TOP}/../x.mk", "../x.mk", Rest),
            ("include $TOP/x.mk", "x.mk", Rest),
            ("include ../ws/$(NAME).mk", "../ws/", Word),
            ("include ../ws/*.mk", "../ws/", Word),
            ("-r../more.txt", "../more.txt", Word),
            ("x @ file:../lib", "../lib", Word),
            ("x @ file:%2e%2e/lib", "../lib", Word),
            ("replace a/b => ../b", "../b", Word),
        ] {
            let found = words(line);
            assert!(has(&found, word, meaning), "{line}: {found:?}");
        }
    }

    #[test]
    fn values_are_found_however_they_are_written() {
        let found = of_toml(
            "[a]\npath = \"\\u002e\\u002e/my lib\"\nbuild = '../x.rs'\nmembers = ['crates/*', '*']",
        )
        .expect("TOML");
        assert!(has(&found, "../my lib", Whole) && has(&found, "../x.rs", Word));
        assert!(
            has(&found, "crates/", Whole) && has(&found, "", Whole),
            "{found:?}"
        );
        let found = of_json(r#"{"d": {"x": "link:..\/x"}, "workspaces": {"packages": ["p/*"]}}"#);
        let found = found.expect("JSON");
        assert!(
            has(&found, "../x", Whole) && has(&found, "p/", Whole),
            "{found:?}"
        );
    }

    #[test]
    fn source_names_what_lies_outside() {
        let found = words_of_source(
            "#[path = \"../../x.rs\"]\ninclude!(\"/srv/x.rs\");\nread(\"/srv/data\");\n// a/b\n\
             concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/../y.rs\")",
        );
        assert!(has(&found, "../../x.rs", Word) && has(&found, "/srv/x.rs", Word));
        assert!(has(&found, "/../y.rs", Word), "{found:?}");
        assert!(
            !has(&found, "/srv/data", Word) && found.len() == 3,
            "{found:?}"
        );
        for text in [
            r#"#[path = "\x2e./x.rs"]"#,
            r#"#[path = "\u{2e}\u{2e}\x2fx.rs"]"#,
            r#"import "\u002e./x.rs""#,
            r#"include "\056./x.rs""#,
        ] {
            let found = words_of_source(text);
            assert!(has(&found, "../x.rs", Word), "{text}: {found:?}");
        }
    }
}
