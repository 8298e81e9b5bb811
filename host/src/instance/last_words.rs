//! What a guest wrote about its own end: a language's runtime writes that to standard error
//! before it traps or exits.

/// The longest text that is taken over into an error, in bytes.
const LONGEST: usize = 1 << 10;

/// Returns the text of a panic, a failed assertion or an exception among the last lines of
/// standard error, on one line; the last line if none is known.
pub(super) fn of(lines: &[String]) -> Option<String> {
    let text = rust(lines).or_else(|| go(lines)).or_else(|| last(lines))?;
    Some(cut(text.trim()))
}

/// `thread 'main' panicked at src/lib.rs:1:2:`, and the message below it.
fn rust(lines: &[String]) -> Option<String> {
    let at = lines
        .iter()
        .rposition(|line| line.starts_with("thread '") && line.contains(" panicked at "))?;
    let (_, place) = lines[at].split_once(" panicked at ")?;
    let message = lines[at + 1..].iter().map(|line| line.trim());
    let message: Vec<&str> = message
        .take_while(|line| !line.starts_with("note: run with") && *line != "stack backtrace:")
        .collect();
    Some(format!("panicked at {place} {}", message.join(" ")))
}

/// `panic: message` or `fatal error: message`, before the goroutines.
fn go(lines: &[String]) -> Option<String> {
    let is_it = |line: &&String| line.starts_with("panic: ") || line.starts_with("fatal error: ");
    lines.iter().rfind(is_it).cloned()
}

/// The last line, which is that of the exception in Python and of the assertion in C.
fn last(lines: &[String]) -> Option<String> {
    lines.iter().rfind(|line| !line.trim().is_empty()).cloned()
}

fn cut(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    format!("{}...", &text[..text.floor_char_boundary(LONGEST)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_each_language_are_found() {
        for (lines, expected) in [
            (&[][..], None),
            (&["", " "], None),
            (
                &[
                    "",
                    "thread '<unnamed>' (1) panicked at src/lib.rs:7:9:",
                    "no more",
                    "of this",
                    "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
                ],
                Some("panicked at src/lib.rs:7:9: no more of this"),
            ),
            (
                &[
                    "panic: no more",
                    "",
                    "goroutine 1 [running]:",
                    "main.fail()",
                ],
                Some("panic: no more"),
            ),
            (
                &["Traceback (most recent call last):", "ValueError: no more"],
                Some("ValueError: no more"),
            ),
            (
                &["Assertion failed: x > 0 (capsule.c: act: 7)"],
                Some("Assertion failed: x > 0 (capsule.c: act: 7)"),
            ),
        ] {
            let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
            assert_eq!(of(&lines).as_deref(), expected);
        }
    }

    #[test]
    fn a_long_text_is_cut() {
        let words = of(&["\u{e9}".repeat(LONGEST)]).expect("it said something");
        assert!(words.len() <= LONGEST + 3 && words.ends_with("..."));
    }
}
