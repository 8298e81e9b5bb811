//! Whole numbers that a document sets, each with its range: a number outside of it is
//! rejected with the key and the range, whatever type holds it in the program.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

/// A whole number from `LEAST` to `MOST`.
///
/// ```
/// # use boll_host::document::{Document, Whole};
/// #[derive(serde::Deserialize)]
/// struct Settings {
///     hours: Whole<1, 24>,
/// }
/// let read = |text| Document::new("a.toml", text).parse::<Settings>();
/// assert_eq!(read("hours = 7").unwrap().hours.get(), 7);
/// let error = read("hours = 25").err().unwrap();
/// assert_eq!(error.message, "`hours` must be a whole number from 1 to 24");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole<const LEAST: u32 = 1, const MOST: u32 = { u32::MAX }>(u32);

impl<const LEAST: u32, const MOST: u32> Whole<LEAST, MOST> {
    /// Returns the number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }

    /// Returns this many MiB, in bytes.
    #[must_use]
    pub fn mib(self) -> u64 {
        u64::from(self.0) << 20
    }
}

impl<'de, const LEAST: u32, const MOST: u32> Deserialize<'de> for Whole<LEAST, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_u32(Range::<LEAST, MOST>)
    }
}

/// Deserializes numbers of a range.
struct Range<const LEAST: u32, const MOST: u32>;

impl<const LEAST: u32, const MOST: u32> Visitor<'_> for Range<LEAST, MOST> {
    type Value = Whole<LEAST, MOST>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Expected(LEAST.into(), MOST.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        let number = u32::try_from(value).ok();
        let number = number.filter(|number| (LEAST..=MOST).contains(number));
        number
            .map(Whole)
            .ok_or_else(|| E::invalid_value(Unexpected::Signed(value), &self))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        self.visit_i64(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

/// Displays what a number has to be.
struct Expected(i128, i128);

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number from {} to {}", self.0, self.1)
    }
}

/// Returns what serde expects, if its message is about a number: serde only names a type,
/// which stands for a range.
pub(super) fn expected(message: &str) -> Option<String> {
    // Too large for any of the types.
    if message.contains("integer") && message.contains("overflow") {
        return Some(Expected(i64::MIN.into(), i64::MAX.into()).to_string());
    }
    let (_, expected) = message
        .strip_prefix("invalid ")?
        .rsplit_once(", expected ")?;
    let (least, most): (i128, i128) = match expected {
        "u8" => (0, u8::MAX.into()),
        "u16" => (0, u16::MAX.into()),
        "u32" => (0, u32::MAX.into()),
        // No document has larger ones.
        "u64" | "usize" => (0, i64::MAX.into()),
        "i8" => (i8::MIN.into(), i8::MAX.into()),
        "i16" => (i16::MIN.into(), i16::MAX.into()),
        "i32" => (i32::MIN.into(), i32::MAX.into()),
        "i64" | "isize" => (i64::MIN.into(), i64::MAX.into()),
        own if own.starts_with("a whole number from ") => return Some(own.to_owned()),
        _ => return None,
    };
    Some(Expected(least, most).to_string())
}

/// Returns the key of the value that starts at this byte.
pub(super) fn key(text: &str, value: usize) -> Option<&str> {
    let before = text.get(..value)?.trim_end().strip_suffix('=')?.trim_end();
    let other = |one: char| !(one.is_ascii_alphanumeric() || matches!(one, '-' | '_'));
    let key = before.rsplit(other).next()?;
    (!key.is_empty() && key.len() <= 100).then_some(key)
}

#[cfg(test)]
mod tests {
    use crate::document::{Document, Whole};

    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code)]
    struct Numbers {
        any: Option<Whole>,
        few: Option<Whole<0, 9>>,
        byte: Option<u8>,
        signed: Option<i32>,
        list: Option<Vec<u16>>,
        inner: Option<Box<Numbers>>,
    }

    #[test]
    fn a_number_that_does_not_fit_is_told_with_its_key_and_range() {
        let any = "`any` must be a whole number from 1 to 4294967295";
        let few = "`few` must be a whole number from 0 to 9";
        for (text, column, expected) in [
            ("any = 0", 7, any),
            ("any = -1", 7, any),
            ("any = 4294967296", 7, any),
            ("any = 1.5", 7, any),
            ("any = \"much\"", 7, any),
            ("any = [1]", 7, any),
            ("few=10", 5, few),
            ("inner = { few = 10 }", 17, few),
            ("inner.few = 10", 13, few),
            (
                "byte = 256",
                8,
                "`byte` must be a whole number from 0 to 255",
            ),
            (
                "signed = 2147483648",
                10,
                "`signed` must be a whole number from -2147483648 to 2147483647",
            ),
            (
                "list = [1, 65536]",
                12,
                "this must be a whole number from 0 to 65535",
            ),
            ("any = 9223372036854775808", 7, ""),
            ("any = 99999999999999999999999999999999999999999", 7, ""),
        ] {
            let error = Document::new("a.toml", text)
                .parse::<Numbers>()
                .expect_err(text);
            let position = error.position.expect("a place");
            assert_eq!((position.line, position.column), (1, column), "{text}");
            assert!(
                error.message.contains("must be a whole number from "),
                "{error}"
            );
            assert!(error.message.starts_with(expected), "{error}");
        }
        let text = "any = 4294967295\nfew = 0\nbyte = 255";
        let read = Document::new("a.toml", text).parse::<Numbers>();
        let read = read.expect("they fit");
        assert_eq!(read.any.map(Whole::get), Some(u32::MAX));
        assert_eq!(read.any.map(Whole::mib), Some(u64::from(u32::MAX) << 20));
    }
}
