//! Results as a table for people.

use std::fmt::Write as _;

use super::{Mark, count, remark};
use crate::conformance::runner::Results;

pub(super) fn written(results: &Results) -> String {
    let width = results.cases.iter().map(|case| case.name.len()).max();
    let width = width.unwrap_or_default();
    let mut text = String::new();
    for case in &results.cases {
        let mark = Mark::of(case);
        let time = case.time.as_secs_f64();
        // Writing to a text does not fail.
        let _ = writeln!(
            text,
            "{mark:<11}  {:<width$}  {time:>6.2} s  {}",
            case.name, case.title
        );
        for line in remark(case).lines() {
            let _ = writeln!(text, "             {line}");
        }
    }
    let host = &results.host;
    let _ = write!(
        text,
        "\n{} {}: {} cases",
        host.name,
        host.version,
        results.cases.len()
    );
    for (mark, words) in [
        (Mark::Passed, "passed"),
        (Mark::Failed, "failed"),
        (Mark::Known, "failed as known"),
        (Mark::Unexpected, "not as known"),
        (Mark::Unsupported, "unsupported"),
    ] {
        let count = count(results, mark);
        if count > 0 {
            let _ = write!(text, ", {count} {words}");
        }
    }
    text.push('\n');
    text
}
