//! The paths that source code names: those that lead out of its folder, and absolute ones
//! in statements that include, search for, or execute something.
//!
//! Pure, as `text` is. A statement may have many lines, as formatters break them.

use std::borrow::Cow;
use std::path::Path;

use super::lines;
use super::text::{self, Words};

/// Words that include something: their statement counts.
const INCLUDES: [&str; 18] = [
    "#[path", "#cgo", "#define", "@include", "do \"", "do '", "dofile", "from ", "getline",
    "#embed", "import", "incbin", "include", "load ", "load(", "loadfile", "require", "source ",
];

/// Words that run something, of code that runs only on the host, or that tells where code is
/// searched for: the whole text counts.
const EXECUTES: [&str; 34] = [
    "$:",
    "$LOAD_PATH",
    "@INC",
    "Command(",
    "Command::new",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "LoadLibrary",
    "NODE_PATH",
    "PATH=",
    "PERL5LIB",
    "PYTHONPATH",
    "RUSTFLAGS",
    "addsitedir",
    "auto_path",
    "cargo:",
    "child_process",
    "dlopen",
    "exec",
    "go:generate",
    "include_path",
    "module.paths",
    "os.spawn",
    "package.cpath",
    "package.path",
    "popen",
    "process::Command",
    "proc_open",
    "shell",
    "spawn",
    "subprocess",
    "sys.path",
    "system",
    "use lib",
];

/// The folders that a capsule sees at paths that most hosts do not have.
const OF_CAPSULES: [&str; 2] = ["/workspace", "/home/capsule"];

/// The most lines of a statement.
const STATEMENT: usize = 60;

/// Returns whether code executes something, or changes where code is searched for.
pub(super) fn executes(code: &str) -> bool {
    EXECUTES.iter().any(|sign| code.contains(sign)) || has_word(code, "qx")
}

/// Returns whether code has a word by itself: a short one is also part of other words.
fn has_word(code: &str, word: &str) -> bool {
    let is_of_word = |one: char| one.is_ascii_alphanumeric() || one == '_';
    code.match_indices(word).any(|(place, _)| {
        !code[..place].ends_with(is_of_word) && !code[place + word.len()..].starts_with(is_of_word)
    })
}

/// Returns the words of source code.
pub(super) fn words(code: &str) -> Words {
    let lines: Vec<Cow<'_, str>> = code.lines().map(text::unescaped).collect();
    let mut escaped = lines.iter().filter(|line| matches!(line, Cow::Owned(_)));
    let all = executes(code) || escaped.clone().any(|line| executes(line));
    // Signs that the code has somewhere.
    let mut signs = INCLUDES.to_vec();
    if escaped.next().is_none() {
        signs.retain(|sign| code.contains(sign));
    }
    let mut whole = vec![all; lines.len()];
    for (place, line) in lines.iter().enumerate() {
        if !all && signs.iter().any(|sign| line.contains(sign)) {
            let end = place + statement(&lines[place..]);
            whole[place..end].fill(true);
        }
    }
    let mut found = Words::new();
    for (line, whole) in lines.iter().zip(&whole) {
        of_line(line, *whole, all, &mut found);
    }
    for (begin, line) in lines::joined(code) {
        let line = text::unescaped(&line);
        let includes = INCLUDES.iter().any(|sign| line.contains(sign));
        of_line(&line, whole[begin] || includes, all, &mut found);
    }
    found
}

/// Adds the words of a line: absolute ones if it is `whole`, and all others if `all` count.
fn of_line(line: &str, whole: bool, all: bool, found: &mut Words) {
    let counts = all || line.contains("../") || line.contains('%') || whole && line.contains('/');
    if !counts {
        return;
    }
    let mut words = Words::new();
    text::line_words(line, &mut words);
    found.extend(words.into_iter().filter(|(word, _)| {
        let of_capsules = OF_CAPSULES
            .iter()
            .any(|own| Path::new(word).starts_with(own));
        let absolute = word.starts_with('/') && whole && !of_capsules;
        word.contains("../") || absolute || all && !word.starts_with('/')
    }));
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

#[cfg(test)]
mod tests {
    use super::super::text::Meaning::{self, Word};
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
    fn a_short_word_counts_by_itself_only() {
        for code in ["qx(a)", "$x=qx{a}", "my $x = qx /a/;", "qx"] {
            assert!(executes(code), "{code}");
        }
        for code in ["open(\"/tmp/.tmpvqxhYi\")", "qxa(1)", "a_qx(1)"] {
            assert!(!executes(code), "{code}");
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
}
