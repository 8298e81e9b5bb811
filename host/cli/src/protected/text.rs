//! The paths that a text names, as far as they are written out.
//!
//! Pure, and generous: everything that looks like a path counts as one.

use std::collections::BTreeSet;

/// What a word of a text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Meaning {
    /// It may be a path.
    Word,
    /// The rest of a path, after a variable: it is unknown what it is relative to.
    Rest,
    /// A folder that is taken as a whole, such as a library.
    Whole,
}

/// The characters that separate words, in any format.
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

/// The keys of manifests whose values are lists of files, and no commands.
const LISTS: [&str; 6] = [
    "categories",
    "exclude",
    "features",
    "files",
    "include",
    "keywords",
];

/// The words of a text, each with its meaning.
pub(super) type Words = BTreeSet<(String, Meaning)>;

/// Returns the words of a text.
pub(super) fn words(text: &str) -> Words {
    let mut found = Words::new();
    for line in text.lines() {
        line_words(line, &mut found);
    }
    found
}

/// The words of a document that has values.
#[derive(Debug, Default)]
pub(super) struct Values {
    /// The values, and the words in them.
    pub(super) words: Words,
    /// The values that look like commands, each with its words.
    pub(super) commands: Vec<Words>,
}

impl Values {
    fn add_value(&mut self, key: &str, value: &str) {
        add_value(key, value, &mut self.words);
        if value.trim().contains(char::is_whitespace) {
            self.commands.push(words(value));
        }
    }

    /// Adds a list, which may be a command with its arguments.
    fn add_list<'a>(&mut self, key: &str, values: impl Iterator<Item = &'a str>) {
        let mut command = Words::new();
        for value in values {
            add(value, Meaning::Word, &mut command);
        }
        if command.len() > 1 && !WHOLE.contains(&key) && !LISTS.contains(&key) {
            self.commands.push(command);
        }
    }
}

/// Returns the values of a TOML document, and the words in them.
pub(super) fn of_toml(text: &str) -> Option<Values> {
    let mut found = Values::default();
    let table: toml::Table = toml::from_str(text).ok()?;
    for (key, value) in &table {
        toml_value(key, value, &mut found);
    }
    Some(found)
}

fn toml_value(key: &str, value: &toml::Value, found: &mut Values) {
    match value {
        toml::Value::String(text) => found.add_value(key, text),
        toml::Value::Array(values) => {
            found.add_list(key, values.iter().filter_map(toml::Value::as_str));
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

/// Returns the values of a JSON document, and the words in them.
pub(super) fn of_json(text: &str) -> Option<Values> {
    let mut found = Values::default();
    json_value("", &serde_json::from_str(text).ok()?, &mut found);
    Some(found)
}

fn json_value(key: &str, value: &serde_json::Value, found: &mut Values) {
    match value {
        serde_json::Value::String(text) => found.add_value(key, text),
        serde_json::Value::Array(values) => {
            found.add_list(key, values.iter().filter_map(serde_json::Value::as_str));
            for value in values {
                json_value(key, value, found);
            }
        }
        serde_json::Value::Object(entries) => {
            for (inner, value) in entries {
                // `workspaces = { packages = [...] }`, and paths as names.
                found.add_value("", inner);
                json_value(inner, value, found);
            }
        }
        _ => {}
    }
}

fn add_value(key: &str, value: &str, found: &mut Words) {
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

pub(super) fn line_words(line: &str, found: &mut Words) {
    let apart = |one: char| one.is_whitespace() || APART.contains(one);
    let mut after_variable = false;
    for word in line.split_inclusive(apart) {
        let end = word.chars().next_back();
        let word = word.trim_end_matches(apart);
        let variables = word.matches('$').count();
        for (place, part) in word.split('$').enumerate() {
            let name = |one: char| one.is_ascii_alphanumeric() || one == '_';
            let (part, rest) = match place {
                0 => (part, after_variable),
                _ => (part.trim_start_matches(name), true),
            };
            // The part before a variable is a folder at most.
            let last = place == variables;
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

/// Adds a word, and paths that flags are joined with.
fn add(word: &str, meaning: Meaning, found: &mut Words) {
    let plain = without_patterns(word);
    // A pattern for everything in a folder stands for the folder.
    let all = meaning == Meaning::Whole && !word.is_empty();
    if plain.is_empty() && !all {
        return;
    }
    if let Some(flag) = plain.strip_prefix('-') {
        joined(flag, meaning, found);
    }
    if let Some(decoded) = decoded(plain) {
        found.insert((decoded, meaning));
    }
    found.insert((plain.to_owned(), meaning));
}

/// Adds the path that a flag is joined with: `-I../include`, `-Csub`, `-fsub/x.mk`.
fn joined(flag: &str, meaning: Meaning, found: &mut Words) {
    let begins = ["../", "./", "/"].iter().filter_map(|sign| flag.find(sign));
    let path = begins.min().map(|at| &flag[at..]);
    let path = path.or_else(|| flag.strip_suffix("..").map(|_| ".."));
    found.extend(path.map(|path| (path.to_owned(), meaning)));
    let rest = flag.get(1..).unwrap_or_default();
    if rest.contains('/') {
        // Another flag may have changed what it is relative to.
        found.insert((rest.trim_start_matches('/').to_owned(), Meaning::Rest));
    }
    let begins = |one: char| one.is_alphanumeric() || "._".contains(one);
    if !flag.starts_with('-') && rest.starts_with(begins) {
        // A flag of one letter, which may be joined with any name.
        found.insert((rest.to_owned(), Meaning::Word));
    }
}

/// Returns the folder that a pattern applies to; for a path without patterns, the path.
fn without_patterns(word: &str) -> &str {
    match word.find(['*', '?', '[', '{']) {
        None => word,
        Some(at) => match word[..at].rfind('/') {
            Some(slash) => &word[..=slash],
            None => "",
        },
    }
}

/// Returns a word of a URL, in which bytes may be written as `%2e`, decoded.
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

#[cfg(test)]
mod tests {
    use super::Meaning::{Rest, Whole, Word};
    use super::*;

    fn has(found: &Words, word: &str, meaning: Meaning) -> bool {
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
            ("\tmake -Cws -frules", "ws", Word),
            ("\tmake -Cws -frules", "rules", Word),
            ("\tmake -Cws/sub", "ws/sub", Word),
            ("\tmake -C.sub", ".sub", Word),
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
    fn long_flags_are_joined_with_paths_only() {
        let found = words("cc --sysroot../x --name -x -");
        assert!(has(&found, "../x", Word), "{found:?}");
        let all = found.iter().filter(|(_, meaning)| *meaning == Word);
        let all: Vec<&str> = all.map(|(word, _)| word.as_str()).collect();
        assert_eq!(all, ["-", "--name", "--sysroot../x", "-x", "../x", "cc"]);
    }

    #[test]
    fn values_are_found_however_they_are_written() {
        let found = of_toml(
            "[a]\npath = \"\\u002e\\u002e/my lib\"\nbuild = '../x.rs'\nmembers = ['crates/*', '*']",
        )
        .expect("TOML");
        let found = found.words;
        assert!(has(&found, "../my lib", Whole) && has(&found, "../x.rs", Word));
        assert!(
            has(&found, "crates/", Whole) && has(&found, "", Whole),
            "{found:?}"
        );
        let found = of_json(r#"{"d": {"x": "link:..\/x"}, "workspaces": {"packages": ["p/*"]}}"#);
        let found = found.expect("JSON").words;
        assert!(
            has(&found, "../x", Whole) && has(&found, "p/", Whole),
            "{found:?}"
        );
    }
    #[test]
    fn values_that_look_like_commands_are_told_apart() {
        let found = of_json(r#"{"scripts": {"a": "cd sub && ./gen"}, "files": ["a", "b"]}"#);
        let found = found.expect("JSON").commands;
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(has(&found[0], "sub", Word) && has(&found[0], "./gen", Word));
        let found = of_toml("members = ['a', 'b']\nrun = ['make', '-C', 'sub']");
        assert_eq!(found.expect("TOML").commands.len(), 1);
    }
}
