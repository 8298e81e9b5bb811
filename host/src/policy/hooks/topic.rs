//! Topics, and patterns over them.

use std::fmt;
use std::str::FromStr;

use crate::policy::pattern::WordPattern;

/// The longest topic or pattern, in bytes.
pub const MAX_TOPIC_LEN: usize = 256;

/// Where something is published: segments joined by dots, each of `a-z 0-9 -`
/// and not empty, at most 256 bytes in all.
///
/// ```
/// use boll_host::policy::{Topic, TopicPattern};
///
/// let topic: Topic = "git.commit.before".parse()?;
/// let pattern: TopicPattern = "git.*.**".parse()?;
/// assert!(pattern.matches(&topic));
/// # Ok::<(), boll_host::policy::InvalidTopic>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Topic(String);

/// Some topics: `*` stands for exactly one segment, `**` at the end for the
/// rest, which may be nothing.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct TopicPattern(WordPattern);

/// Why a text is no topic, or no pattern over topics.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidTopic {
    /// Longer than [`MAX_TOPIC_LEN`]; its length is given.
    #[error("a topic has at most {MAX_TOPIC_LEN} bytes, this one has {0}")]
    TooLong(usize),
    /// A segment, which is given, is empty or has other characters.
    #[error("`{}` is no segment of a topic: these have only a-z, 0-9 and -, and are not empty", .0.escape_debug())]
    Segment(String),
    /// `**` before the end of a pattern.
    #[error("`**` may only stand at the end of a pattern")]
    RestInside,
}

impl Topic {
    /// Returns the topic as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.split('.')
    }
}

impl TopicPattern {
    /// Returns whether it matches this topic.
    #[must_use]
    pub fn matches(&self, topic: &Topic) -> bool {
        self.0.matches(topic.segments())
    }

    /// The only topic that it matches, if it is the only one.
    pub(in crate::policy) fn exact(&self) -> Option<String> {
        self.0.is_exact().then(|| self.to_string())
    }

    /// Returns whether some topic is matched by this one and by `other`.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.0.overlaps(&other.0)
    }

    /// Returns whether every topic that `other` matches is matched by this one too.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.0.covers(&other.0)
    }
}

fn check_length(text: &str) -> Result<(), InvalidTopic> {
    if text.len() > MAX_TOPIC_LEN {
        return Err(InvalidTopic::TooLong(text.len()));
    }
    Ok(())
}

fn check_segment(segment: &str) -> Result<(), InvalidTopic> {
    let form = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if segment.is_empty() || !segment.bytes().all(form) {
        return Err(InvalidTopic::Segment(segment.to_owned()));
    }
    Ok(())
}

impl FromStr for Topic {
    type Err = InvalidTopic;

    fn from_str(text: &str) -> Result<Self, InvalidTopic> {
        check_length(text)?;
        text.split('.').try_for_each(check_segment)?;
        Ok(Self(text.to_owned()))
    }
}

impl FromStr for TopicPattern {
    type Err = InvalidTopic;

    fn from_str(text: &str) -> Result<Self, InvalidTopic> {
        check_length(text)?;
        text.split('.')
            .filter(|segment| !matches!(*segment, "*" | "**"))
            .try_for_each(check_segment)?;
        WordPattern::parse(text.split('.').map(str::to_owned).collect())
            .map(Self)
            .map_err(|_| InvalidTopic::RestInside)
    }
}

impl TryFrom<String> for TopicPattern {
    type Error = InvalidTopic;

    fn try_from(text: String) -> Result<Self, InvalidTopic> {
        text.parse()
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for TopicPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, word) in self.0.words().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            f.write_str(word)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn topic(text: &str) -> Topic {
        text.parse().expect(text)
    }

    fn pattern(text: &str) -> TopicPattern {
        text.parse().expect(text)
    }

    #[test]
    fn topics_have_one_form() {
        for good in ["a", "git.commit", "a-b.2.c", &"x".repeat(256)] {
            assert_eq!(topic(good).as_str(), good);
        }
        for bad in [
            "",
            ".",
            "a.",
            ".a",
            "a..b",
            "A",
            "a b",
            "a.*",
            "**",
            "ä",
            "a\n",
            &"x".repeat(257),
        ] {
            assert!(bad.parse::<Topic>().is_err(), "{bad}");
        }
        for bad in ["", "a.", "a..b", "a*", "a.***", "**.a", "a.**.*", "A.*"] {
            assert!(bad.parse::<TopicPattern>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_star_is_one_segment_and_two_are_the_rest() {
        for (text, yes, no) in [
            ("a.b", &["a.b"][..], &["a", "a.b.c", "a.c"][..]),
            ("a.*", &["a.b", "a.c"], &["a", "a.b.c", "b.b"]),
            ("a.**", &["a", "a.b", "a.b.c"], &["b", "ab"]),
            ("*.b.**", &["a.b", "x.b.c.d"], &["b", "a.c"]),
            ("**", &["a", "a.b.c"], &[]),
        ] {
            for matched in yes {
                assert!(pattern(text).matches(&topic(matched)), "{text} {matched}");
            }
            for other in no {
                assert!(!pattern(text).matches(&topic(other)), "{text} {other}");
            }
        }
    }

    /// A matcher that is slow and plain: what the words say, one by one.
    fn plainly(pattern: &[&str], topic: &[&str]) -> bool {
        match (pattern, topic) {
            (["**"], _) | ([], []) => true,
            (["*", pattern @ ..], [_, topic @ ..]) => plainly(pattern, topic),
            ([word, pattern @ ..], [segment, topic @ ..]) => {
                word == segment && plainly(pattern, topic)
            }
            _ => false,
        }
    }

    fn topics() -> impl Strategy<Value = String> {
        prop::collection::vec("[ab-]{1,2}", 1..5).prop_map(|segments| segments.join("."))
    }

    fn patterns() -> impl Strategy<Value = String> {
        let word = prop_oneof!["[ab-]{1,2}", Just("*".to_owned())];
        (prop::collection::vec(word, 0..5), any::<bool>())
            .prop_filter("not empty", |(head, rest)| *rest || !head.is_empty())
            .prop_map(|(mut head, rest)| {
                head.extend(rest.then(|| "**".to_owned()));
                head.join(".")
            })
    }

    proptest! {
        #[test]
        fn the_matcher_does_what_the_words_say(text in patterns(), subject in topics()) {
            let words: Vec<&str> = text.split('.').collect();
            let segments: Vec<&str> = subject.split('.').collect();
            prop_assert_eq!(
                pattern(&text).matches(&topic(&subject)),
                plainly(&words, &segments)
            );
        }

        #[test]
        fn a_pattern_survives_its_text(text in patterns()) {
            prop_assert_eq!(pattern(&text).to_string(), text);
        }

        #[test]
        fn covering_and_overlapping_agree_with_matching(
            one in patterns(), other in patterns(), subject in topics(),
        ) {
            let (one, other, subject) = (pattern(&one), pattern(&other), topic(&subject));
            let both = one.matches(&subject) && other.matches(&subject);
            prop_assert!(!both || one.overlaps(&other));
            prop_assert!(!one.covers(&other) || !other.matches(&subject) || one.matches(&subject));
            prop_assert!(!one.covers(&other) || one.overlaps(&other));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = (text.parse::<Topic>(), text.parse::<TopicPattern>());
        }
    }
}
