//! Patterns over a command's arguments.

use std::fmt;

/// `*` stands for exactly one argument, `**` at the end for the rest, anything
/// else for itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct ArgsPattern {
    head: Vec<One>,
    rest: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum One {
    Any,
    Exactly(String),
}

/// Why a list of words is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// `**` before the end.
    #[error("`**` may only stand at the end of a pattern")]
    RestInside,
    /// A word that a terminal would not show as it is.
    #[error("a pattern's word has a control character; `*` matches such an argument")]
    NotPlain,
}

impl ArgsPattern {
    /// The pattern that matches any arguments.
    #[must_use]
    pub fn any() -> Self {
        Self {
            head: Vec::new(),
            rest: true,
        }
    }

    /// The narrowest pattern that matches these arguments. A star among them,
    /// or one with control characters, has no notation of its own, and becomes
    /// `*`.
    #[must_use]
    pub fn of(args: &[String]) -> Self {
        let head = args
            .iter()
            .map(|arg| match arg.as_str() {
                "*" | "**" => One::Any,
                text if !super::is_plain(text) => One::Any,
                _ => One::Exactly(arg.clone()),
            })
            .collect();
        Self { head, rest: false }
    }

    /// The pattern as the list of words that a manifest has.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.head
            .iter()
            .map(|one| match one {
                One::Any => "*",
                One::Exactly(word) => word,
            })
            .chain(self.rest.then_some("**"))
    }

    /// Whether these arguments, the program's name left out, match.
    #[must_use]
    pub fn matches(&self, args: &[String]) -> bool {
        let enough = if self.rest {
            args.len() >= self.head.len()
        } else {
            args.len() == self.head.len()
        };
        enough
            && self.head.iter().zip(args).all(|(one, arg)| match one {
                One::Any => true,
                One::Exactly(word) => word == arg,
            })
    }

    /// Whether it matches any arguments at all.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.rest && self.head.is_empty()
    }

    /// Whether it matches only a command without arguments.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.rest && self.head.is_empty()
    }

    /// Whether some arguments are matched by this one and by `other`.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let (short, long) = if self.head.len() <= other.head.len() {
            (self, other)
        } else {
            (other, self)
        };
        (short.rest || short.head.len() == long.head.len())
            && short
                .head
                .iter()
                .zip(&long.head)
                .all(|(left, right)| *left == One::Any || *right == One::Any || left == right)
    }

    /// Whether everything that `other` matches is matched by this one too.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let enough = if self.rest {
            other.head.len() >= self.head.len()
        } else {
            !other.rest && other.head.len() == self.head.len()
        };
        enough
            && self
                .head
                .iter()
                .zip(&other.head)
                .all(|(mine, theirs)| *mine == One::Any || mine == theirs)
    }
}

impl TryFrom<Vec<String>> for ArgsPattern {
    type Error = PatternError;

    fn try_from(mut words: Vec<String>) -> Result<Self, PatternError> {
        let rest = words.last().is_some_and(|word| word == "**");
        if rest {
            words.pop();
        }
        let head = words
            .into_iter()
            .map(|word| match word.as_str() {
                "**" => Err(PatternError::RestInside),
                "*" => Ok(One::Any),
                text if !super::is_plain(text) => Err(PatternError::NotPlain),
                _ => Ok(One::Exactly(word)),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { head, rest })
    }
}

/// The words, quoted as a shell would need them.
impl fmt::Display for ArgsPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, word) in self.words().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(&super::quote(word))?;
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
