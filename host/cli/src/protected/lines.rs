//! The lines of a text that go on in the next line, each read as one line.
//!
//! Pure, and generous: languages differ in what they leave between the parts, so each way
//! counts.

pub(super) const QUOTES: [char; 2] = ['"', '\''];

/// The end of a line that goes on in the next one: in shells, makefiles, C, Python, Rust, TOML
/// and most others a backslash; in Lua `\z`; in ninja `$`, in makefiles `$\`; in PowerShell and
/// some Dockerfiles a backtick.
const GOES_ON: [&str; 5] = ["\\z", "$\\", "\\", "$", "`"];

/// The most lines of a value in quotes.
const QUOTED: usize = 20;

/// The text between two parts of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Between {
    /// The blanks before the second part: shells, C, Python, JavaScript.
    Blanks,
    /// The same without the tab of a makefile's recipe.
    BlanksAfterTab,
    /// Nothing: TOML, Rust, ninja, YAML, and strings that follow each other. Empty lines are
    /// skipped, and comments, as in Dockerfiles.
    Nothing,
    /// One space: makefiles, Tcl.
    Space,
}

impl Between {
    const ALL: [Self; 4] = [
        Self::Blanks,
        Self::BlanksAfterTab,
        Self::Nothing,
        Self::Space,
    ];
}

/// Returns the lines that go on, each joined with the lines that it goes on in, and with the
/// number of the line that it begins in. If that can be read in several ways, all are returned.
pub(super) fn joined(text: &str) -> Vec<(usize, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let count = parts(&lines[at..]);
        if count > 1 {
            let begin = found.len();
            for between in Between::ALL {
                let line = (at, join(&lines[at..at + count], between));
                if !found[begin..].contains(&line) {
                    found.push(line);
                }
            }
        }
        at += count;
    }
    found
}

/// Returns in how many lines the first one goes on, including itself.
fn parts(lines: &[&str]) -> usize {
    let mut count = 1;
    let mut open = None;
    let mut quoted = 0;
    while count < lines.len() {
        let (line, next) = (lines[count - 1], lines[count]);
        open = quote_after(line, open);
        quoted = if open.is_some() { quoted + 1 } else { 0 };
        let signed = without_sign(line).is_some() || count > 1 && is_skipped(line);
        let goes_on = signed || open.is_some() && quoted < QUOTED || is_in_strings(line, next);
        if !goes_on {
            break;
        }
        count += 1;
    }
    count
}

fn join(lines: &[&str], between: Between) -> String {
    let mut whole = String::new();
    // Whether the next part follows without a line break.
    let mut goes_on = true;
    for (place, line) in lines.iter().enumerate() {
        let skipped = between == Between::Nothing && place > 0 && goes_on && is_skipped(line);
        if skipped {
            continue;
        }
        let (part, signed) = match without_sign(line) {
            Some(part) => (part, true),
            None => (*line, false),
        };
        if place == 0 {
            whole += part;
        } else {
            let strings = between == Between::Nothing && is_in_strings(&whole, part);
            let (space, part) = match between {
                Between::Nothing if strings => {
                    whole.truncate(whole.trim_end().len());
                    whole.pop();
                    ("", &part.trim_start()[1..])
                }
                // The line break of a value in quotes is a space in YAML.
                _ if !goes_on => (" ", part.trim_start()),
                Between::Blanks => ("", part),
                Between::BlanksAfterTab => ("", part.strip_prefix('\t').unwrap_or(part)),
                Between::Nothing => ("", part.trim_start()),
                Between::Space => (" ", part.trim_start()),
            };
            whole += space;
            whole += part;
        }
        goes_on = signed;
    }
    whole
}

/// Returns a line that goes on, without the sign of that. Some tools ignore blanks after it.
fn without_sign(line: &str) -> Option<&str> {
    let line = line.trim_end();
    GOES_ON.iter().find_map(|sign| line.strip_suffix(sign))
}

/// Returns whether tools skip a line in the middle of one that goes on.
fn is_skipped(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with('#')
}

/// Returns whether one string ends a line and another begins the next: several languages join
/// them.
fn is_in_strings(line: &str, next: &str) -> bool {
    let ends = line.trim_end().strip_suffix(QUOTES);
    let next = next.trim_start();
    // Not the end of one of several lines, and no empty one.
    let whole = ends.is_some_and(|before| !before.ends_with(QUOTES)) && next.len() > 2;
    whole && next.starts_with(QUOTES) && line.trim_end().ends_with(&next[..1])
}

/// Returns the quote that is open after a line. An apostrophe in a word opens none.
fn quote_after(line: &str, mut open: Option<char>) -> Option<char> {
    if !line.contains(QUOTES) {
        return open;
    }
    let mut before = ' ';
    for one in line.chars() {
        let begins = before.is_whitespace() || "=([{,:".contains(before);
        match open {
            Some(quote) if one == quote && before != '\\' => open = None,
            None if QUOTES.contains(&one) && begins => open = Some(one),
            _ => {}
        }
        before = one;
    }
    open
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(text: &str, line: &str) -> bool {
        joined(text).iter().any(|(_, found)| found == line)
    }

    #[test]
    fn a_line_goes_on_as_its_language_has_it() {
        for (text, line) in [
            // Shells, C, Python.
            (". ../w\\\ns/x", ". ../ws/x"),
            ("cd \"../my\\\n  ws\"", "cd \"../my  ws\""),
            (". ../\\\nw\\\ns/x", ". ../ws/x"),
            // With blanks after the sign.
            ("#include \"../w\\ \ns/x.h\"", "#include \"../ws/x.h\""),
            // The recipe of a makefile, and its variables.
            ("\tsh ../w\\\n\ts/x", "\tsh ../ws/x"),
            ("\tcd '../my \\\n\tws'", "\tcd '../my ws'"),
            ("A = '../my\\\n    ws'", "A = '../my ws'"),
            ("A = ../w$\\\n    s", "A = ../ws"),
            // TOML and Rust.
            (
                "path = \"\"\"../\\\n\n\n  ws\"\"\"",
                "path = \"\"\"../ws\"\"\"",
            ),
            // Dockerfiles.
            ("RUN ../w\\\n# why\ns/x", "RUN ../ws/x"),
            ("RUN ../w`\ns/x", "RUN ../ws/x"),
            // ninja and Lua.
            ("include ../w$\n  s/x", "include ../ws/x"),
            ("dofile '../w\\z\n  s/x'", "dofile '../ws/x'"),
            // YAML.
            ("x: \"../w\\\n  s\"", "x: \"../ws\""),
            ("x: \"../my\n  ws\"", "x: \"../my ws\""),
            ("x: '../my\n  ws'\ny: 1", "x: '../my ws'"),
            // Strings that follow each other.
            ("f(\"../w\"\n  \"s/x\")", "f(\"../ws/x\")"),
            ("x = '../w' \\\n    's/x'", "x = '../ws/x'"),
        ] {
            assert!(has(text, line), "{text}: {:?}", joined(text));
        }
    }

    #[test]
    fn what_ends_with_its_line_is_not_joined() {
        for text in [
            "a\nb\n\nc",
            "it's a\nb's",
            "a = [\n  \"b\",\n  \"c\",\n]",
            "a = \"\"\"\nb\n\"\"\"",
            "\"\"\"a\"\"\"\nx",
            "x = \"\"\n\"\"",
            "\\",
            "",
        ] {
            assert_eq!(joined(text), [], "{text}");
        }
    }

    #[test]
    fn each_reading_is_found_once_and_knows_its_first_line() {
        assert_eq!(
            joined("a\nb\\\nc\nd"),
            [(1, "bc".into()), (1, "b c".into())]
        );
    }

    #[test]
    fn a_quote_that_nothing_closes_takes_no_whole_file() {
        let text = format!("x = '\n{}", "y\n".repeat(500));
        let lengths = joined(&text).into_iter().map(|(_, line)| line.len());
        assert!(lengths.max() < Some(50));
    }
}
