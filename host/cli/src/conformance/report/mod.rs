//! What is said of a suite that was run, in the form that was asked for.

mod json;
mod junit;
mod list;
mod table;
mod tap;

use std::fmt;

pub(crate) use list::list;

use super::runner::{CaseResult, Results, Verdict};
use crate::failure::{Code, Done, Failure};

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// The Test Anything Protocol, version 14.
    Tap,
    /// JUnit's XML.
    Junit,
    /// One JSON object.
    Json,
    /// What each function is shown by; with --list.
    Markdown,
}

/// The results in a form.
pub(crate) fn written(results: &Results, format: Format) -> Done<String> {
    match format {
        Format::Table => Ok(table::written(results)),
        Format::Tap => Ok(tap::written(results)),
        Format::Junit => junit::written(results),
        Format::Json => json::written(results),
        Format::Markdown => Err(
            Failure::new(Code::Input, "results are not written as Markdown")
                .hint("--list --format markdown writes what the suite covers"),
        ),
    }
}

/// What became of a case, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Passed,
    Failed,
    Unsupported,
    /// It failed, as is known.
    Known,
    /// It does better or otherwise than is known.
    Unexpected,
}

impl Mark {
    fn of(case: &CaseResult) -> Self {
        match (&case.verdict, case.is_expected()) {
            (Verdict::Passed, true) => Self::Passed,
            (Verdict::Failed(_), true) => Self::Known,
            (Verdict::Unsupported(_), true) => Self::Unsupported,
            (Verdict::Failed(_), false) => Self::Failed,
            (Verdict::Passed | Verdict::Unsupported(_), false) => Self::Unexpected,
        }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Passed => "pass",
            Self::Failed => "FAIL",
            Self::Unsupported => "unsupported",
            Self::Known => "known",
            Self::Unexpected => "UNEXPECTED",
        })
    }
}

/// What there is to say of a case besides.
fn remark(case: &CaseResult) -> String {
    let known = case.expectation.as_ref().map(|known| known.reason.as_str());
    match (&case.verdict, known, case.is_expected()) {
        (Verdict::Passed, Some(reason), _) => {
            format!("passes, though it is known not to: {reason}")
        }
        (Verdict::Passed, None, _) => String::new(),
        (Verdict::Failed(text) | Verdict::Unsupported(text), Some(reason), true) => {
            format!("{text} (known: {reason})")
        }
        (Verdict::Unsupported(text), Some(reason), false) => {
            format!("unsupported: {text} (known to fail: {reason})")
        }
        (Verdict::Failed(text), Some(reason), false) => {
            format!("{text} (known to be unsupported: {reason})")
        }
        (Verdict::Failed(text) | Verdict::Unsupported(text), None, _) => text.clone(),
    }
}

/// How many cases have a mark.
fn count(results: &Results, mark: Mark) -> usize {
    let marked = results.cases.iter().filter(|case| Mark::of(case) == mark);
    marked.count()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::conformance::expectations::{Expectation, Expected};
    use crate::conformance::protocol::Hello;

    fn results() -> Results {
        let case = |name: &str, verdict, expect: Option<Expected>| CaseResult {
            name: name.into(),
            title: format!("the title of {name}"),
            verdict,
            expectation: expect.map(|expect| Expectation {
                expect,
                reason: "it is old".into(),
            }),
            time: Duration::from_millis(1234),
        };
        let failed = || Verdict::Failed("expected 1,\nfound <2>".into());
        Results {
            host: Hello {
                protocol: 1,
                name: "other".into(),
                version: "3".into(),
                interfaces: Vec::new(),
            },
            cases: vec![
                case("a", Verdict::Passed, None),
                case("b", failed(), None),
                case("c", failed(), Some(Expected::Fails)),
                case("d", Verdict::Passed, Some(Expected::Fails)),
                case("e", Verdict::Unsupported("processes".into()), None),
            ],
        }
    }

    #[test]
    fn every_form_says_the_same() {
        for (name, format) in [
            ("table", Format::Table),
            ("tap", Format::Tap),
            ("junit", Format::Junit),
            ("json", Format::Json),
        ] {
            insta::assert_snapshot!(name, written(&results(), format).unwrap());
        }
    }
}
