//! A report as a table for people.

use std::fmt::Write as _;
use std::time::Duration;

use boll_host::plain::escaped;

use super::{CaseReport, Mark, Report};
use crate::wrap::{columns, padded};

pub(crate) fn table(report: &Report) -> String {
    let words = report.cases.iter().map(|case| case.mark.to_string().len());
    let word = words.max().unwrap_or_default();
    let names = report.cases.iter().map(|case| columns(&called(case)));
    let name = names.max().unwrap_or_default();
    let mut text = format!("{} {}\n", escaped(&report.name), escaped(&report.version));
    for case in &report.cases {
        let line = format!(
            "  {:<word$}  {}  {}",
            case.mark,
            padded(&called(case), name),
            escaped(&case.title)
        );
        text.push_str(line.trim_end());
        text.push('\n');
        add_below(&mut text, case, &" ".repeat(word + 4));
    }
    // Writing into a string cannot fail, here and below.
    let _ = write!(
        text,
        "{} passed, {} failed",
        report.count(Mark::Passed),
        report.count(Mark::Failed)
    );
    for (mark, words) in [
        (Mark::Known, "failed as known"),
        (Mark::Unexpected, "not as known"),
        (Mark::Unsupported, "unsupported"),
    ] {
        let count = report.count(mark);
        if count > 0 {
            let _ = write!(text, ", {count} {words}");
        }
    }
    text.push('\n');
    if !report.unused.is_empty() {
        text.push_str("warning: the manifest asks for what no case uses:\n");
    }
    for (title, place) in &report.unused {
        let place = place.as_ref().map(|place| format!(" ({})", escaped(place)));
        let title = escaped(title);
        let _ = writeln!(text, "  {title}{}", place.unwrap_or_default());
    }
    text
}

/// Returns a case's name with its time.
fn called(case: &CaseReport) -> String {
    let seconds = case.time.as_secs_f64();
    let time = if case.time < Duration::from_secs(1) {
        format!("{:.1} ms", seconds * 1000.0)
    } else {
        format!("{seconds:.1} s")
    };
    format!("{} ({time})", escaped(&case.name))
}

/// Adds the details of a case that did not pass.
fn add_below(text: &mut String, case: &CaseReport, indent: &str) {
    if case.mark == Mark::Passed {
        return;
    }
    let message = case.message.lines().map(escaped);
    let details = case.details.iter().map(|line| escaped(line));
    let lines: Vec<_> = if case.details.is_empty() {
        message.collect()
    } else {
        details.collect()
    };
    for line in lines {
        let _ = writeln!(text, "{indent}{line}");
    }
    if !case.log.is_empty() {
        let _ = writeln!(text, "{indent}what it logged:");
    }
    for line in &case.log {
        let _ = writeln!(text, "{indent}  {}", escaped(line));
    }
}
