//! A report in the Test Anything Protocol, version 14.

use std::fmt::Write as _;

use boll_host::plain::{escaped, escaped_json};

use super::{Mark, Report};

pub(crate) fn tap(report: &Report) -> String {
    let mut text = format!("TAP version 14\n1..{}\n", report.cases.len());
    for (index, case) in report.cases.iter().enumerate() {
        let number = index + 1;
        let one_line = || words(&case.message.replace('\n', " "));
        let (ok, directive) = match case.mark {
            Mark::Passed => ("ok", String::new()),
            Mark::Failed | Mark::Unexpected => ("not ok", String::new()),
            // One that is still to do.
            Mark::Known => ("not ok", format!(" # TODO {}", one_line())),
            Mark::Unsupported => ("ok", format!(" # SKIP {}", one_line())),
        };
        // Writing to a text does not fail.
        let _ = writeln!(text, "{ok} {number} - {}{directive}", words(&case.name));
        if matches!(case.mark, Mark::Failed | Mark::Unexpected) {
            let message = serde_json::Value::from(case.message.as_str()).to_string();
            let message = escaped_json(&message);
            let _ = writeln!(text, "  ---\n  message: {message}\n  ...");
        }
    }
    text
}

/// Returns a text as part of a line. A number sign would begin a directive.
fn words(text: &str) -> String {
    escaped(text).replace('\\', "\\\\").replace('#', "\\#")
}
