//! The results of cases, in the formats that people and machines read.

mod junit;
pub(crate) mod table;
pub(crate) mod tap;
mod xml;

use std::fmt;
use std::time::Duration;

use clap::ValueEnum;
use serde::Serialize;

pub(crate) use junit::junit;

use crate::failure::{Code, Done, Failure};
use crate::report;

/// The format of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// The Test Anything Protocol, version 14
    Tap,
    /// JUnit's XML
    Junit,
    /// One JSON object
    Json,
    /// The coverage of the contract, for `boll conformance --list`
    Markdown,
}

/// The results of cases.
pub(crate) struct Report {
    /// The command that ran them.
    pub(crate) command: &'static str,
    /// The name and version of what they were run on.
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) cases: Vec<CaseReport>,
    /// Requests of a manifest that no case used, each with its position.
    pub(crate) unused: Vec<(String, Option<String>)>,
}

/// The result of a case.
pub(crate) struct CaseReport {
    pub(crate) name: String,
    /// The group of the case in JUnit.
    pub(crate) class: String,
    /// The purpose, for the table; may be empty.
    pub(crate) title: String,
    pub(crate) mark: Mark,
    /// Why it has its mark; may be empty.
    pub(crate) message: String,
    /// More than the message, a line each; may be empty.
    pub(crate) details: Vec<String>,
    pub(crate) log: Vec<String>,
    pub(crate) time: Duration,
}

/// The result of a case, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Passed,
    Failed,
    /// The host does not do this.
    Unsupported,
    /// It failed, as is known.
    Known,
    /// It ended otherwise than is known.
    Unexpected,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Unsupported => "unsupported",
            Self::Known => "known",
            Self::Unexpected => "unexpected",
        })
    }
}

impl Report {
    /// Writes it to standard output; `json` is what programs get.
    pub(crate) fn write(&self, format: Format, json: &impl Serialize) -> Done {
        match format {
            Format::Table => report::prose(&table::table(self)),
            Format::Tap => report::result(tap::tap(self).as_bytes()),
            Format::Junit => report::result(junit(self)?.as_bytes()),
            Format::Json => report::json(json),
            Format::Markdown => {
                let text = "results are not written as Markdown";
                let hint = "boll conformance --list --format markdown writes what the suite covers";
                Err(Failure::new(Code::Input, text).hint(hint))
            }
        }
    }

    /// Returns how many cases have a mark.
    pub(crate) fn count(&self, mark: Mark) -> usize {
        self.cases.iter().filter(|case| case.mark == mark).count()
    }
}

#[cfg(test)]
mod tests {
    use super::table::table;
    use super::tap::tap;
    use super::*;

    #[test]
    fn details_and_the_log_stand_below_a_case_and_move_no_cursor() {
        let case = |name: &str, mark| CaseReport {
            name: name.into(),
            class: "cases/all.toml".into(),
            title: String::new(),
            mark,
            message: "other than expected: reply".into(),
            details: vec!["cases/all.toml:5".into(), "reply: \u{1b}[2J".into()],
            log: vec!["INFO said".into()],
            time: Duration::from_micros(2345),
        };
        let report = Report {
            command: "boll test",
            name: "guests".into(),
            version: "1.0.0".into(),
            cases: vec![case("a", Mark::Passed), case("b \u{1b}", Mark::Failed)],
            unused: vec![
                ("[[process]] git".into(), Some("Capsule.toml:3".into())),
                ("[config.name]".into(), None),
            ],
        };
        assert_eq!(
            table(&report),
            "guests 1.0.0\n  \
             passed  a (2.3 ms)\n  \
             failed  b \\u{1b} (2.3 ms)\n          \
             cases/all.toml:5\n          \
             reply: \\u{1b}[2J\n          \
             what it logged:\n            \
             INFO said\n\
             1 passed, 1 failed\n\
             warning: the manifest asks for what no case uses:\n  \
             [[process]] git (Capsule.toml:3)\n  \
             [config.name]\n"
        );
    }

    #[test]
    fn no_name_or_reason_makes_a_line_or_a_directive_of_its_own() {
        let text = "x # SKIP\nok 9 - y\u{1b}[2J\u{ffff}\u{202e}\u{2066}";
        let case = |mark| CaseReport {
            name: text.into(),
            class: text.into(),
            title: text.into(),
            mark,
            message: text.into(),
            details: Vec::new(),
            log: vec![text.into()],
            time: Duration::ZERO,
        };
        let marks = [Mark::Passed, Mark::Failed, Mark::Unsupported, Mark::Known];
        let report = Report {
            command: "boll conformance",
            name: text.into(),
            version: text.into(),
            cases: marks.into_iter().map(case).collect(),
            unused: vec![(text.into(), Some(text.into()))],
        };
        for written in [table(&report), tap(&report)] {
            for line in written.lines() {
                assert!(!line.starts_with("ok 9"), "{line}");
                assert!(!line.contains(['\u{1b}', '\u{202e}', '\u{2066}']), "{line}");
            }
        }
        let tap = tap(&report);
        // Only what the host does not support is skipped.
        let skipped = tap.lines().filter(|line| line.contains(" # SKIP ")).count();
        assert_eq!(skipped, 1, "{tap}");
        let junit = junit(&report).expect("a report");
        let raw = ['\u{ffff}', '\u{1b}', '\u{202e}', '\u{2066}'];
        assert!(!junit.contains(raw), "{junit}");
        assert!(junit.contains("\\u{202e}"), "{junit}");
    }
}
