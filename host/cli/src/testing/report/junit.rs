//! The result as JUnit: a suite for the capsule, a case for each of its own.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{log, table};
use crate::failure::{Code, Done, Failure};
use crate::testing::{Ran, Session};

pub(crate) fn of(session: &Session) -> Done<Vec<u8>> {
    let mut suite = TestSuite::new(session.capsule.as_str());
    suite.add_property(("version", session.version.as_str()));
    for one in session
        .coverage
        .iter()
        .flat_map(|coverage| coverage.unused())
    {
        suite.add_property(("unused", one.title().as_str()));
    }
    suite.add_test_cases(session.ran.iter().map(case));
    let mut report = Report::new("boll test");
    report.add_test_suite(suite);
    let text = report
        .to_string()
        .map_err(|error| Failure::new(Code::Host, format!("cannot write JUnit: {error}")))?;
    Ok(text.into_bytes())
}

fn case(ran: &Ran) -> TestCase {
    let mut status = TestCaseStatus::success();
    if !ran.passed() {
        status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        let what: Vec<&str> = ran
            .differences
            .iter()
            .map(|one| one.what.as_str())
            .collect();
        status.set_message(format!("other than expected: {}", what.join(", ")));
        let lines = ran.differences.iter().flat_map(table::difference_lines);
        status.set_description(lines.collect::<Vec<_>>().join("\n"));
    }
    let mut case = TestCase::new(ran.case.name.as_str(), status);
    case.set_classname(ran.case.file.as_str());
    case.set_time(ran.time);
    if !ran.log.is_empty() {
        case.set_system_err(log(ran).join("\n"));
    }
    case
}
