//! Names of hosts.

use std::fmt;
use std::str::FromStr;

/// A name of the domain name system, in lower case and without a dot at its end.
/// Other scripts are written in their ASCII form (`xn--…`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(String);

/// Why a text is no such name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the name or the address of a host")]
pub struct InvalidHostName(String);

/// The longest name and the longest part of one, in bytes.
const MAX_NAME: usize = 253;
const MAX_LABEL: usize = 63;

impl HostName {
    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether it lies below a name, at any depth.
    #[must_use]
    pub fn is_below(&self, zone: &Self) -> bool {
        let rest = self.0.strip_suffix(&zone.0);
        rest.is_some_and(|rest| rest.ends_with('.'))
    }

    /// Returns whether it names the host itself: `localhost`, or below it.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.0 == "localhost" || self.0.ends_with(".localhost")
    }
}

impl FromStr for HostName {
    type Err = InvalidHostName;

    fn from_str(text: &str) -> Result<Self, InvalidHostName> {
        let name = text.strip_suffix('.').unwrap_or(text);
        let label = |label: &str| {
            let form = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            (1..=MAX_LABEL).contains(&label.len())
                && label.bytes().all(form)
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        // Programs take `1.2`, `0x7f.1` and `2130706433` for addresses.
        let last = name.rsplit('.').next().unwrap_or_default();
        let lettered = last.starts_with(|first: char| first.is_ascii_alphabetic());
        if name.len() <= MAX_NAME && name.split('.').all(label) && lettered {
            Ok(Self(name.to_ascii_lowercase()))
        } else {
            Err(InvalidHostName(text.escape_debug().to_string()))
        }
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> HostName {
        text.parse().expect(text)
    }

    #[test]
    fn names_have_one_form() {
        assert_eq!(name("API.Example.com.").as_str(), "api.example.com");
        assert_eq!(name("host").as_str(), "host");
        assert_eq!(name("xn--mnchen-3ya.de").as_str(), "xn--mnchen-3ya.de");
        for bad in [
            "",
            ".",
            "a..b",
            ".a",
            "-a",
            "a-",
            "a b",
            "münchen.de",
            "a/b",
            "a:1",
            "user@a",
            "1.2",
            "127.1",
            "0x7f.1",
            "2130706433",
            "0x7f000001",
            "a.b.1",
            "*",
            "a\u{1b}",
            &"x".repeat(64),
            &["x"; 130].join("."),
        ] {
            assert!(bad.parse::<HostName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn below_means_whole_parts() {
        let zone = name("example.com");
        assert!(name("a.example.com").is_below(&zone));
        assert!(name("a.b.example.com").is_below(&zone));
        assert!(!name("example.com").is_below(&zone));
        assert!(!name("badexample.com").is_below(&zone));
        assert!(!name("example.com.evil.org").is_below(&zone));
        assert!(name("localhost").is_local() && name("a.localhost").is_local());
        assert!(!name("localhost.example.com").is_local() && !name("notlocalhost").is_local());
    }
}
