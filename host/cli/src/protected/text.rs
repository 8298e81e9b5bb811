//! The paths that a text names, as far as they are written out.
//!
//! Pure, and generous: everything that looks like a path counts as one.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use super::lines::{self, QUOTES};

/// The meaning of a word of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Meaning {
    /// It may be a path.
    Word,
    /// The rest of a path, after a variable: it is unknown what it is relative to.
    Rest,
    /// A folder that is taken as a whole, such as a library.
    Whole,
}

/// Returns whether a character separates words, in any format.
fn is_apart(one: char) -> bool {
    match one {
        '"' | '\'' | '`' | '=' | ',' | ';' | ':' | '(' | ')' | '[' | ']' | '{' | '}' | '<'
        | '>' | '|' | '&' | '#' | '!' | '@' => true,
        _ if one.is_ascii() => matches!(one, ' ' | '\t'..='\r'),
        _ => one.is_whitespace(),
    }
}

/// Values that mean the folder of the file.
const OWN: [&str; 4] = ["\".\"", "\"./\"", "'.'", "'./'"];

/// The words of a text, each with its meaning.
pub(super) type Words = BTreeSet<(String, Meaning)>;

/// Returns the words of a text.
pub(super) fn words(text: &str) -> Words {
    let mut found = Words::new();
    for line in text.lines() {
        of_line(line, &mut found);
    }
    for (_, line) in lines::joined(text) {
        of_line(&line, &mut found);
    }
    found
}

/// Returns a TOML document without the names of its tables and keys, which are no paths.
pub(super) fn without_keys(toml: &str) -> String {
    let is_key = |one: char| one.is_ascii_alphanumeric() || "_-".contains(one);
    let mut found = String::new();
    for line in toml.lines() {
        let plain = line.trim();
        let inside = |one: char| is_key(one) || "[]. ".contains(one);
        if plain.starts_with('[') && plain.chars().all(inside) {
            continue;
        }
        let mut rest = line;
        while let Some((key, value)) = rest.split_once('=') {
            let before = key.trim_end().trim_end_matches(is_key);
            // The end of a path is no key.
            found += if before.ends_with(['/', '.']) {
                key
            } else {
                before
            };
            found.push('=');
            rest = value;
        }
        found += rest;
        found.push('\n');
    }
    found
}

/// Returns the words of a list of libraries. Paths in it that are values of their own, and
/// not parts of a command, are taken as a whole.
pub(super) fn values(text: &str) -> Words {
    let mut found = Words::new();
    let joined = lines::joined(text);
    for line in text.lines().chain(joined.iter().map(|(_, line)| &**line)) {
        let mut words = Words::new();
        of_line(line, &mut words);
        if line.contains(QUOTES) {
            let line = unescaped(line);
            let mut before = "";
            for value in line.split(QUOTES) {
                // A value of a key is a version.
                let in_list = !before.trim_end().ends_with([':', '=']);
                quoted(value, in_list, &mut words);
                before = value;
            }
        } else {
            wholes(&mut words);
        }
        found.append(&mut words);
    }
    found
}

fn of_line(line: &str, all: &mut Words) {
    // The file itself is in its own folder.
    if line.contains(['"', '\'']) && OWN.iter().any(|own| line.contains(own)) {
        let mut found = Words::new();
        add_line(line, &mut found);
        found.retain(|(word, _)| ![".", "./"].contains(&word.as_str()));
        all.append(&mut found);
    } else {
        add_line(line, all);
    }
}

fn add_line(line: &str, found: &mut Words) {
    line_words(line, found);
    let unescaped = unescaped(line);
    if unescaped != line {
        line_words(&unescaped, found);
    }
    if line.contains(QUOTES) {
        // A path may have spaces.
        let paths = unescaped.split(QUOTES).filter_map(spaced);
        let paths = paths.filter(|path| path.contains('/'));
        found.extend(paths.map(|path| (path.to_owned(), Meaning::Word)));
    }
}

/// Returns the path in a value that has spaces; most such values are commands.
fn spaced(value: &str) -> Option<&str> {
    let links = ["file:", "link:", "portal:"];
    let link = links.iter().find_map(|sign| value.strip_prefix(sign));
    let path = without_patterns(link.unwrap_or(value));
    path.trim().contains(char::is_whitespace).then_some(path)
}

/// Adds a value in quotes.
fn quoted(value: &str, in_list: bool, found: &mut Words) {
    if value.trim().contains(char::is_whitespace) {
        let path = spaced(value).filter(|path| path.starts_with(['.', '/']));
        found.extend(path.map(|path| (path.to_owned(), Meaning::Whole)));
        return;
    }
    let mut words = Words::new();
    line_words(value, &mut words);
    wholes(&mut words);
    words.retain(|(word, _)| ![".", "./"].contains(&word.as_str()));
    // A pattern for everything in a folder stands for the folder; one for files does not.
    let folders = value.contains(['*', '?']) && !value.contains("*.");
    if in_list && folders && without_patterns(value).is_empty() {
        words.insert((String::new(), Meaning::Whole));
    }
    found.append(&mut words);
}

/// Takes paths as a whole.
fn wholes(words: &mut Words) {
    let paths = words.iter().filter(|(word, meaning)| {
        *meaning == Meaning::Word && (word.contains('/') || word.starts_with('.'))
    });
    let paths: Vec<String> = paths.map(|(word, _)| word.clone()).collect();
    words.extend(paths.into_iter().map(|word| (word, Meaning::Whole)));
}

/// Returns how many folders a path goes up from where it begins, and the rest of it. Links
/// on its way count as folders.
pub(super) fn upwards(word: &str) -> (usize, PathBuf) {
    let (mut ups, mut rest) = (0, PathBuf::new());
    for part in Path::new(word).components() {
        match part {
            Component::ParentDir if !rest.pop() => ups += 1,
            Component::Normal(name) => rest.push(name),
            _ => {}
        }
    }
    (ups, rest)
}

/// Adds the words of a line.
pub(super) fn line_words(line: &str, found: &mut Words) {
    let mut after_variable = false;
    for word in line.split_inclusive(is_apart) {
        let end = word.chars().next_back();
        let word = word.trim_end_matches(is_apart);
        if !after_variable && !word.contains('$') {
            // Most words are as plain as that.
            add(word, Meaning::Word, found);
            after_variable = matches!(end, Some(')' | '}'));
            continue;
        }
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
    if plain.is_empty() {
        return;
    }
    if plain
        .bytes()
        .all(|one| one.is_ascii_alphanumeric() || one == b'_')
    {
        found.insert((plain.to_owned(), meaning));
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
    if !word.contains('%') {
        return None;
    }
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

/// Returns a line of source code with its escapes decoded, as languages write them:
/// `\x2e`, `\u002e`, `\u{2e}`, `\056`.
pub(super) fn unescaped(line: &str) -> Cow<'_, str> {
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

/// Returns the character that an escape stands for, and its length after the backslash.
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
        let found = values(
            "[a]\npath = \"\\u002e\\u002e/my lib\"\nbuild = '../x.rs'\nmembers = ['crates/*', '*']",
        );
        assert!(has(&found, "../my lib", Whole) && has(&found, "../x.rs", Word));
        assert!(
            has(&found, "crates/", Whole) && has(&found, "", Whole),
            "{found:?}"
        );
        let found = values(r#"{"d": {"x": "link:..\/x"}, "workspaces": {"packages": ["p/*"]}}"#);
        assert!(
            has(&found, "../x", Whole) && has(&found, "p/", Whole),
            "{found:?}"
        );
    }

    #[test]
    fn values_that_look_like_commands_are_told_apart() {
        let found = values(r#"{"scripts": {"a": "cd .. && ./gen"}, "files": ["a", "b"]}"#);
        assert!(has(&found, "..", Word) && has(&found, "./gen", Word));
        let wholes: Vec<_> = found
            .iter()
            .filter(|(_, meaning)| *meaning == Whole)
            .collect();
        assert!(wholes.is_empty(), "{wholes:?}");
        let found = values("run = ['make', '-C', '..']\na = \"*\"\n\"*.js\" = [\"*.ts\", \".\"]");
        assert!(has(&found, "..", Whole), "{found:?}");
        assert!(
            !has(&found, "", Whole) && !has(&found, ".", Word),
            "{found:?}"
        );
    }

    #[test]
    fn names_of_tables_and_keys_are_no_words() {
        let found = without_keys(
            "[workspace]\nmembers = ['a', 'b']\n[[bin]]\nx = { path = '../c' }\n\
             run = 'X=1 ../d=y'\npackages = [\n'*'\n]\n",
        );
        let found = words(&found);
        for word in ["a", "b", "../c", "../d", "1", "y"] {
            assert!(has(&found, word, Word), "{word}: {found:?}");
        }
        for word in [
            "workspace",
            "members",
            "bin",
            "x",
            "path",
            "run",
            "X",
            "packages",
        ] {
            assert!(!has(&found, word, Word), "{word}: {found:?}");
        }
    }

    #[test]
    fn a_path_goes_up_from_wherever_it_begins() {
        for (word, ups, rest) in [
            ("../../x/y", 2, "x/y"),
            ("./x/../../y", 1, "y"),
            ("/../x", 1, "x"),
            ("x/..", 0, ""),
            ("../..", 2, ""),
        ] {
            assert_eq!(upwards(word), (ups, PathBuf::from(rest)), "{word}");
        }
    }
}
