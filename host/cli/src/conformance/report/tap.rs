//! Results in the Test Anything Protocol, version 14.

use std::fmt::Write as _;

use super::{Mark, remark};
use crate::conformance::runner::Results;

pub(super) fn written(results: &Results) -> String {
    let mut text = format!("TAP version 14\n1..{}\n", results.cases.len());
    for (index, case) in results.cases.iter().enumerate() {
        let number = index + 1;
        let mark = Mark::of(case);
        // A known failure is one that is still to do; a number sign would begin
        // such a word.
        let (ok, directive) = match mark {
            Mark::Passed => ("ok", String::new()),
            Mark::Failed | Mark::Unexpected => ("not ok", String::new()),
            Mark::Known => ("not ok", format!(" # TODO {}", one_line(case))),
            Mark::Unsupported => ("ok", format!(" # SKIP {}", one_line(case))),
        };
        // Writing to a text does not fail.
        let _ = writeln!(text, "{ok} {number} - {}{directive}", case.name);
        if matches!(mark, Mark::Failed | Mark::Unexpected) {
            let message = serde_json::Value::from(remark(case));
            let _ = writeln!(text, "  ---\n  message: {message}\n  ...");
        }
    }
    text
}

fn one_line(case: &crate::conformance::runner::CaseResult) -> String {
    remark(case).replace('\n', " ").replace('#', "\\#")
}
