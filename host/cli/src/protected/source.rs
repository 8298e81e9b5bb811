//! The paths that source code names: those that lead out of its folder, and absolute ones
//! in statements that include, search for, or execute something.
//!
//! Pure, as `text` is. A statement may have many lines, as formatters break them.

use std::borrow::Cow;

use super::text::{self, Meaning, Words};

/// Words that include something: their statement counts.
const INCLUDES: [&str; 18] = [
    "#[path", "#cgo", "#define", "@include", "do \"", "do '", "dofile", "from ", "getline",
    "#embed", "import", "incbin", "include", "load ", "load(", "loadfile", "require", "source ",
];

/// Words that run something, in a program or in a capsule: the lines around them count.
const CALLS: [&str; 12] = [
    "Command(",
    "Command::new",
    "LoadLibrary",
    "dlopen",
    "exec",
    "go:generate",
    "popen",
    "proc_open",
    "qx",
    "shell",
    "spawn",
    "system",
];

/// Words of code that runs only on the host, or that tells where code is searched for:
/// the whole text counts.
const NATIVE: [&str; 27] = [
    "$:",
    "$LOAD_PATH",
    "@INC",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "NODE_PATH",
    "PATH=",
    "PERL5LIB",
    "PYTHONPATH",
    "RUSTFLAGS",
    "addsitedir",
    "auto_path",
    "cargo:",
    "child_process",
    "include_path",
    "module.paths",
    "os.exec",
    "os.popen",
    "os.spawn",
    "os.system",
    "os/exec",
    "package.cpath",
    "package.path",
    "process::Command",
    "subprocess",
    "sys.path",
    "use lib",
];

/// The folders that a capsule sees at paths that most hosts do not have.
const OF_CAPSULES: [&str; 2] = ["/workspace", "/home/capsule"];

/// How many lines around a call count.
const AROUND: usize = 5;

/// The most lines of a statement.
const STATEMENT: usize = 60;

/// Returns the words of source code.
pub(super) fn words(code: &str) -> Words {
    let lines: Vec<Cow<'_, str>> = code.lines().map(unescaped).collect();
    let has = |line: &str, signs: &[&str]| signs.iter().any(|sign| line.contains(sign));
    let native = lines.iter().any(|line| has(line, &NATIVE));
    let mut whole = vec![native; lines.len()];
    let mut called = vec![false; lines.len()];
    for (place, line) in lines.iter().enumerate() {
        let calls = has(line, &CALLS) || has(line, &NATIVE);
        if !calls && !has(line, &INCLUDES) {
            continue;
        }
        let end = place + statement(&lines[place..]);
        whole[place..end].fill(true);
        if calls {
            called[place..end].fill(true);
            let last = (end + AROUND).min(lines.len());
            whole[place.saturating_sub(AROUND)..last].fill(true);
        }
    }
    let mut found = Words::new();
    for (place, line) in lines.iter().enumerate() {
        if !(called[place] || line.contains('/')) {
            continue;
        }
        let mut words = Words::new();
        text::line_words(line, &mut words);
        let counts = |(word, _): &(String, Meaning)| {
            let of_capsules = OF_CAPSULES.iter().any(|own| {
                let below = word.strip_prefix(own);
                below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
            });
            let absolute = word.starts_with('/') && whole[place] && !of_capsules;
            word.contains("../") || absolute || called[place] && !word.starts_with('/')
        };
        found.extend(words.into_iter().filter(counts));
    }
    found
}

/// Returns the number of lines of the statement that begins with the first one: up to the
/// line that closes what is open.
fn statement(lines: &[Cow<'_, str>]) -> usize {
    let mut open = 0_i32;
    // A macro's, and no block of code.
    let braces = lines
        .first()
        .is_some_and(|line| line.contains("! {") || line.contains("!{"));
    for (count, line) in lines.iter().take(STATEMENT).enumerate() {
        for one in line.chars() {
            match one {
                '(' | '[' => open += 1,
                ')' | ']' => open -= 1,
                '{' if braces => open += 1,
                '}' if braces => open -= 1,
                _ => {}
            }
        }
        let goes_on = line.trim_end().ends_with(['\\', ',', '=', '+']);
        if open <= 0 && !goes_on {
            return count + 1;
        }
    }
    lines.len().min(STATEMENT)
}

/// Returns the names of modules that Rust code may have in separate files, and of those
/// that may be around these.
pub(super) fn modules(code: &str) -> (Vec<&str>, Vec<&str>) {
    let (mut files, mut inline) = (Vec::new(), Vec::new());
    let mut words = code.split_whitespace().peekable();
    while let Some(word) = words.next() {
        if !word.ends_with("mod") {
            continue;
        }
        let Some(next) = words.peek() else { break };
        let name = next.split([';', '{']).next().unwrap_or_default();
        let name = name.trim_start_matches("r#");
        match next.contains(';') {
            true => files.push(name),
            // The `;` may follow after a space.
            false => {
                inline.push(name);
                files.push(name);
            }
        }
    }
    (files, inline)
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
    use super::Meaning::Word;
    use super::*;

    fn has(found: &Words, word: &str, meaning: Meaning) -> bool {
        found.contains(&(word.to_owned(), meaning))
    }

    #[test]
    fn source_names_what_lies_outside() {
        let found = words(
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
            let found = words(text);
            assert!(has(&found, "../x.rs", Word), "{text}: {found:?}");
        }
    }

    #[test]
    fn statements_of_many_lines_and_calls_name_whole_paths() {
        for text in [
            "include!(\n    \"/abs/ws\"\n);",
            "include!(concat!(\n    \"/abs/ws\",\n    \"/gen.rs\"\n));",
            "sys.path.insert(0, \"/abs/ws\")",
            "W = \"/abs/ws\"\n\n\n\n\n\n\n\nsys.path.append(W)",
            "Command::new(\"/abs/ws\")",
            "let tool = \"/abs/ws\";\nlet done =\n    Command::new(tool).spawn();",
            "subprocess.run([\n  \"-x\",\n  \"/abs/ws\",\n])",
            "from subprocess import run\n\n\n\n\n\n\n\n\nrun(\"/abs/ws\")",
            "const { execFileSync } = require('child_process')\n\n\n\n\n\n\n\ngo('/abs/ws')",
            "system('/abs/ws')",
            "do \"/abs/ws\";",
            "use lib '/abs/ws';",
            "$LOAD_PATH.unshift '/abs/ws'",
            "package.path = '/abs/ws'",
            "source /abs/ws",
            "import (\n\t\"/abs/ws\"\n)",
            "println!(\"cargo:rustc-link-search=/abs/ws\");",
        ] {
            let found = words(text);
            assert!(has(&found, "/abs/ws", Word), "{text}: {found:?}");
        }
        for text in [
            "open(\"/abs/ws\")",
            "import x\n\nopen(\"/abs/ws\")",
            "Command::new(\"git\").arg(\"/workspace/ws\")",
        ] {
            let found = words(text);
            let whole = found
                .iter()
                .any(|(word, _)| word.starts_with("/abs") || word.contains("/ws"));
            assert!(!whole, "{text}: {found:?}");
        }
    }

    #[test]
    fn modules_are_found() {
        let code = "mod a;\npub(crate) mod r#b;\nmod c { mod d; }\nmod e ;";
        let (files, inline) = modules(code);
        assert_eq!(files, ["a", "b", "c", "d", "e"]);
        assert_eq!(inline, ["c", "e"]);
    }
}
