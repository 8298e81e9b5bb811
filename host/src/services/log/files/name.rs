//! The names of files: a day, and a number from the second file of a day on.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::super::format::representable;

/// A day in UTC, as the number of days since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Day(u32);

/// The name of a file: `2026-11-28.jsonl`, then `2026-11-28.1.jsonl`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FileName {
    pub(super) day: Day,
    /// 0 is the day's first.
    pub(super) number: u32,
}

const SECONDS: u64 = 86_400;
const END: &str = ".jsonl";

impl Day {
    pub(super) fn of(time: SystemTime) -> Self {
        let since = representable(time).duration_since(UNIX_EPOCH);
        let days = since.unwrap_or_default().as_secs() / SECONDS;
        // The year 9999 is far within 32 bits.
        Self(u32::try_from(days).unwrap_or(u32::MAX))
    }

    /// The day that is so many days earlier.
    pub(super) fn minus(self, days: u32) -> Self {
        Self(self.0.saturating_sub(days))
    }

    fn start(self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(u64::from(self.0) * SECONDS)
    }

    fn parse(text: &str) -> Option<Self> {
        let start = humantime::parse_rfc3339(&format!("{text}T00:00:00Z")).ok()?;
        let day = Self::of(start);
        (day.to_string() == text).then_some(day)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = humantime::format_rfc3339_seconds(self.start()).to_string();
        f.write_str(start.split('T').next().unwrap_or_default())
    }
}

impl FileName {
    /// The name that this text is, if it is one exactly as it is written here.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let stem = text.strip_suffix(END)?;
        let (day, number) = match stem.split_once('.') {
            Some((day, number)) => (day, number.parse().ok()?),
            None => (stem, 0),
        };
        let name = Self {
            day: Day::parse(day)?,
            number,
        };
        (name.to_string() == text).then_some(name)
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { day, number } = self;
        match number {
            0 => write!(f, "{day}{END}"),
            _ => write!(f, "{day}.{number}{END}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SystemTime {
        humantime::parse_rfc3339(text).expect("a time")
    }

    #[test]
    fn a_day_ends_at_midnight_in_utc() {
        let before = Day::of(at("2024-02-29T23:59:59.999Z"));
        let after = Day::of(at("2024-03-01T00:00:00Z"));
        assert_eq!(before.to_string(), "2024-02-29");
        assert_eq!(after.to_string(), "2024-03-01");
        assert_eq!(after.minus(1), before);
        assert_eq!(after.minus(u32::MAX).to_string(), "1970-01-01");
    }

    #[test]
    fn a_clock_that_is_wrong_still_gives_a_day() {
        let (early, late) = (
            UNIX_EPOCH - Duration::from_secs(1),
            UNIX_EPOCH + Duration::from_secs(1 << 40),
        );
        assert_eq!(Day::of(early).to_string(), "1970-01-01");
        assert_eq!(Day::of(late).to_string(), "9999-12-31");
    }

    #[test]
    fn names_are_read_only_as_they_are_written() {
        let day = Day::of(at("2026-11-28T12:00:00Z"));
        for (number, text) in [(0, "2026-11-28.jsonl"), (12, "2026-11-28.12.jsonl")] {
            let name = FileName { day, number };
            assert_eq!(name.to_string(), text);
            assert_eq!(FileName::parse(text), Some(name));
        }
        for foreign in [
            "",
            ".jsonl",
            "2026-11-28",
            "2026-11-28.json",
            "2026-11-28.0.jsonl",
            "2026-11-28.01.jsonl",
            "2026-11-28.+1.jsonl",
            "2026-11-28.1.2.jsonl",
            "2026-11-28..jsonl",
            "2026-11-28.99999999999.jsonl",
            "2026-13-28.jsonl",
            "2026-02-30.jsonl",
            "2026-11-28.jsonl.gz",
            "notes.jsonl",
            "2026-11-28T00:00:00Z.jsonl",
        ] {
            assert_eq!(FileName::parse(foreign), None, "{foreign}");
        }
    }
}
