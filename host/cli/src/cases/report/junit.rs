//! A report as JUnit's XML.

use boll_host::plain::escaped_lines;
use quick_junit::{NonSuccessKind, Report as Whole, TestCase, TestCaseStatus, TestSuite};

use super::xml::well_formed;
use super::{CaseReport, Mark, Report};
use crate::failure::{Code, Done, Failure};

pub(crate) fn junit(report: &Report) -> Done<String> {
    let mut suite = TestSuite::new(report.name.as_str());
    suite.add_property(("version", report.version.as_str()));
    for (title, _) in &report.unused {
        suite.add_property(("unused", title.as_str()));
    }
    suite.add_test_cases(report.cases.iter().map(case));
    let mut whole = Whole::new(report.command);
    whole.add_test_suite(suite);
    let text = whole
        .to_string()
        .map_err(|error| Failure::new(Code::Host, format!("cannot write JUnit: {error}")))?;
    Ok(escaped_lines(&well_formed(&text)).into_owned())
}

fn case(case: &CaseReport) -> TestCase {
    let mut status = match case.mark {
        Mark::Passed => TestCaseStatus::success(),
        Mark::Failed | Mark::Unexpected => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Mark::Known | Mark::Unsupported => TestCaseStatus::skipped(),
    };
    if case.mark != Mark::Passed {
        status.set_message(case.message.as_str());
        if !case.details.is_empty() {
            status.set_description(case.details.join("\n"));
        }
    }
    let mut shown = TestCase::new(case.name.as_str(), status);
    shown.set_classname(case.class.as_str()).set_time(case.time);
    if !case.log.is_empty() {
        shown.set_system_err(case.log.join("\n"));
    }
    shown
}
