//! A report in the Test Anything Protocol, version 14.

use std::fmt::Write as _;

use super::{Mark, Report};

pub(crate) fn tap(report: &Report) -> String {
    let mut text = format!("TAP version 14\n1..{}\n", report.cases.len());
    for (index, case) in report.cases.iter().enumerate() {
        let number = index + 1;
        // A known failure is one that is still to do; a number sign would begin
        // such a word.
        let one_line = || case.message.replace('\n', " ").replace('#', "\\#");
        let (ok, directive) = match case.mark {
            Mark::Passed => ("ok", String::new()),
            Mark::Failed | Mark::Unexpected => ("not ok", String::new()),
            Mark::Known => ("not ok", format!(" # TODO {}", one_line())),
            Mark::Unsupported => ("ok", format!(" # SKIP {}", one_line())),
        };
        // Writing to a text does not fail.
        let _ = writeln!(text, "{ok} {number} - {}{directive}", case.name);
        if matches!(case.mark, Mark::Failed | Mark::Unexpected) {
            let message = serde_json::Value::from(case.message.as_str());
            let _ = writeln!(text, "  ---\n  message: {message}\n  ...");
        }
    }
    text
}
