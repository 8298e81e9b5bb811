//! The results of a suite: as the report that people read, and as JSON.

use serde_json::{Value, json};

use super::expectations::Expected;
use super::runner::{CaseOutcome, CaseResult, Results};
use crate::cases::report::{CaseReport, Mark, Report};

/// Returns the report.
pub(crate) fn report(results: &Results) -> Report {
    let cases = results.cases.iter().map(|case| {
        let (mark, message) = marked(case);
        CaseReport {
            name: case.name.clone(),
            class: "conformance".to_owned(),
            title: case.title.clone(),
            mark,
            message,
            details: Vec::new(),
            log: Vec::new(),
            time: case.time,
        }
    });
    Report {
        command: "boll conformance",
        name: results.host.name.clone(),
        version: results.host.version.clone(),
        cases: cases.collect(),
        unused: Vec::new(),
    }
}

/// Returns the mark of a case, and the message for it.
fn marked(case: &CaseResult) -> (Mark, String) {
    let known = case.expectation.as_ref();
    let known = known.map(|known| (known.expect, known.reason.as_str()));
    match (&case.outcome, known) {
        (CaseOutcome::Passed, None) => (Mark::Passed, String::new()),
        (CaseOutcome::Failed(text), None) => (Mark::Failed, text.clone()),
        (CaseOutcome::Unsupported(text), None) => (Mark::Unsupported, text.clone()),
        (CaseOutcome::Passed, Some((_, reason))) => {
            let text = format!("passes, though it is known not to: {reason}");
            (Mark::Unexpected, text)
        }
        (CaseOutcome::Failed(text), Some((Expected::Fails, reason))) => {
            (Mark::Known, format!("{text} (known: {reason})"))
        }
        (CaseOutcome::Unsupported(text), Some((Expected::Unsupported, reason))) => {
            (Mark::Unsupported, format!("{text} (known: {reason})"))
        }
        (CaseOutcome::Failed(text), Some((Expected::Unsupported, reason))) => {
            let text = format!("{text} (known to be unsupported: {reason})");
            (Mark::Failed, text)
        }
        (CaseOutcome::Unsupported(text), Some((Expected::Fails, reason))) => {
            let text = format!("unsupported: {text} (known to fail: {reason})");
            (Mark::Unexpected, text)
        }
    }
}

/// Returns the result for programs.
pub(crate) fn json(results: &Results) -> Value {
    let report = report(results);
    let cases = results.cases.iter().map(|case| {
        let (result, message) = match &case.outcome {
            CaseOutcome::Passed => ("passed", None),
            CaseOutcome::Failed(text) => ("failed", Some(text)),
            CaseOutcome::Unsupported(text) => ("unsupported", Some(text)),
        };
        json!({
            "case": case.name,
            "title": case.title,
            "result": result,
            "message": message,
            "known": case.expectation,
            "as_expected": case.is_expected(),
            "seconds": case.time.as_secs_f64(),
        })
    });
    json!({
        "host": results.host,
        "cases": cases.collect::<Value>(),
        "passed": report.count(Mark::Passed),
        "failed": report.count(Mark::Failed),
        "known": report.count(Mark::Known),
        "unexpected": report.count(Mark::Unexpected),
        "unsupported": report.count(Mark::Unsupported),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::cases::report::junit;
    use crate::cases::report::table::table;
    use crate::cases::report::tap::tap;
    use crate::conformance::expectations::{Expectation, Expected};
    use crate::conformance::protocol::Hello;

    fn results() -> Results {
        let case = |name: &str, outcome, expect: Option<Expected>| CaseResult {
            name: name.into(),
            title: format!("the title of {name}"),
            outcome,
            expectation: expect.map(|expect| Expectation {
                expect,
                reason: "it is old".into(),
            }),
            time: Duration::from_millis(1234),
        };
        let failed = || CaseOutcome::Failed("expected 1,\nfound <2>".into());
        Results {
            host: Hello {
                protocol: 1,
                name: "other".into(),
                version: "3".into(),
                interfaces: Vec::new(),
            },
            cases: vec![
                case("a", CaseOutcome::Passed, None),
                case("b", failed(), None),
                case("c", failed(), Some(Expected::Fails)),
                case("d", CaseOutcome::Passed, Some(Expected::Fails)),
                case("e", CaseOutcome::Unsupported("processes".into()), None),
            ],
        }
    }

    #[test]
    fn every_form_says_the_same() {
        let (results, report) = (results(), report(&results()));
        for (name, text) in [
            ("table", table(&report)),
            ("tap", tap(&report)),
            ("junit", junit(&report).unwrap()),
            (
                "json",
                serde_json::to_string_pretty(&json(&results)).unwrap(),
            ),
        ] {
            insta::assert_snapshot!(name, text);
        }
    }
}
