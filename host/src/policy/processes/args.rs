//! Patterns over a command's arguments.

use std::fmt;

use crate::policy::pattern::WordPattern;
use crate::policy::words::{is_plain, quote};

/// `*` stands for exactly one argument, `**` at the end for the rest, anything
/// else for itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct ArgsPattern(WordPattern);

/// Why a list of words is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatternError {
    /// `**` before the end.
    #[error("`**` may only stand at the end of a pattern")]
    RestInside,
    /// A word that a terminal would not show as it is.
    #[error("a pattern's word has a control character; `*` matches such an argument")]
    NotPlain,
}

impl ArgsPattern {
    /// Returns the pattern that matches any arguments.
    #[must_use]
    pub fn any() -> Self {
        Self(WordPattern::any())
    }

    /// Returns the narrowest pattern that matches these arguments. A star among them, or
    /// one with control characters, has no notation of its own, and becomes `*`.
    #[must_use]
    pub fn of(args: &[String]) -> Self {
        let words = args.iter().map(|arg| match arg.as_str() {
            "*" | "**" => "*".to_owned(),
            text if !is_plain(text) => "*".to_owned(),
            _ => arg.clone(),
        });
        // No word is `**`, so it is a pattern.
        Self(WordPattern::parse(words.collect()).unwrap_or_else(|_| WordPattern::any()))
    }

    /// Returns the pattern as the list of words that a manifest has.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.0.words()
    }

    /// Returns whether these arguments, the program's name left out, match.
    #[must_use]
    pub fn matches(&self, args: &[String]) -> bool {
        self.0.matches(args.iter().map(String::as_str))
    }

    /// The only arguments that it matches, if they are the only ones, as one text.
    pub(in crate::policy) fn exact(&self) -> Option<String> {
        // No word has a control character.
        self.0
            .is_exact()
            .then(|| self.words().map(|word| format!("{word}\0")).collect())
    }

    /// Returns whether it matches any arguments at all.
    #[must_use]
    pub(crate) fn is_any(&self) -> bool {
        self.0.is_any()
    }

    /// Returns whether it matches only a command without arguments.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether some arguments are matched by this one and by `other`.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.0.overlaps(&other.0)
    }

    /// Returns whether everything that `other` matches is matched by this one too.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.0.covers(&other.0)
    }
}

impl TryFrom<Vec<String>> for ArgsPattern {
    type Error = PatternError;

    fn try_from(words: Vec<String>) -> Result<Self, PatternError> {
        if !words.iter().all(|word| is_plain(word)) {
            return Err(PatternError::NotPlain);
        }
        WordPattern::parse(words)
            .map(Self)
            .map_err(|_| PatternError::RestInside)
    }
}

/// The words, quoted as a shell would need them.
impl fmt::Display for ArgsPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, word) in self.words().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(&quote(word))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(words: &str) -> ArgsPattern {
        ArgsPattern::try_from(
            words
                .split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>(),
        )
        .expect("a pattern")
    }

    fn matches(words: &str, args: &str) -> bool {
        pattern(words).matches(
            &args
                .split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn a_star_is_exactly_one_argument() {
        assert!(matches("log *", "log -1"));
        assert!(!matches("log *", "log"));
        assert!(!matches("log *", "log -1 -2"));
        assert!(!matches("log", "log -1"));
        assert!(!matches("log", "push"));
    }

    #[test]
    fn two_stars_are_the_rest() {
        assert!(matches("log **", "log"));
        assert!(matches("log **", "log a b c"));
        assert!(!matches("log **", "push log"));
        assert!(matches("**", ""));
        let inside = vec!["**".to_owned(), "log".to_owned()];
        assert_eq!(ArgsPattern::try_from(inside), Err(PatternError::RestInside));
    }

    #[test]
    fn no_pattern_reaches_the_terminal() {
        for word in [
            "\0",
            "a\nb",
            "\u{1b}[2J",
            "\u{9b}",
            "\u{202e}txt",
            "\u{2066}",
        ] {
            let words = vec!["log".to_owned(), word.to_owned()];
            assert_eq!(ArgsPattern::try_from(words), Err(PatternError::NotPlain));
        }
    }

    #[test]
    fn no_pattern_is_no_arguments() {
        assert!(matches("", ""));
        assert!(!matches("", "x"));
    }

    #[test]
    fn the_pattern_of_arguments_matches_them_and_survives_its_words() {
        for args in ["", "log -1", "a * b", "** x", "a \u{1b}[2J b"] {
            let args: Vec<String> = args.split(' ').map(str::to_owned).collect();
            let pattern = ArgsPattern::of(&args);
            assert!(pattern.matches(&args), "{pattern}");
            let words: Vec<String> = pattern.words().map(str::to_owned).collect();
            assert_eq!(ArgsPattern::try_from(words), Ok(pattern));
        }
        assert!(!matches("log -1", "log -2"));
    }

    #[test]
    fn overlapping_is_matching_something_in_common() {
        for (left, right) in [("log **", "** "), ("a * **", "* b"), ("*", "x"), ("", "**")] {
            assert!(pattern(left).overlaps(&pattern(right)), "{left} / {right}");
            assert!(pattern(right).overlaps(&pattern(left)), "{right} / {left}");
        }
        for (left, right) in [
            ("log **", "push **"),
            ("a", "a b"),
            ("", "*"),
            ("a b **", "a"),
        ] {
            assert!(!pattern(left).overlaps(&pattern(right)), "{left} / {right}");
            assert!(!pattern(right).overlaps(&pattern(left)), "{right} / {left}");
        }
    }

    #[test]
    fn covering_is_matching_all_that_the_other_matches() {
        for (wide, narrow) in [
            ("**", "log **"),
            ("log **", "log * -1"),
            ("*", "x"),
            ("a **", "a"),
        ] {
            assert!(pattern(wide).covers(&pattern(narrow)), "{wide} / {narrow}");
            assert!(!pattern(narrow).covers(&pattern(wide)), "{narrow} / {wide}");
        }
        assert!(pattern("a *").covers(&pattern("a *")));
        assert!(!pattern("*").covers(&pattern("**")));
    }
}
