//! Results as JUnit's XML.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{Mark, remark};
use crate::conformance::runner::Results;
use crate::failure::{Code, Done, Failure};

pub(super) fn written(results: &Results) -> Done<String> {
    let host = &results.host;
    let mut suite = TestSuite::new(format!("{} {}", host.name, host.version));
    for case in &results.cases {
        let status = match Mark::of(case) {
            Mark::Passed => TestCaseStatus::success(),
            Mark::Failed | Mark::Unexpected => {
                let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
                status.set_message(remark(case));
                status
            }
            Mark::Known | Mark::Unsupported => {
                let mut status = TestCaseStatus::skipped();
                status.set_message(remark(case));
                status
            }
        };
        let mut shown = TestCase::new(case.name.as_str(), status);
        shown.set_classname("conformance").set_time(case.time);
        suite.add_test_case(shown);
    }
    let mut report = Report::new("conformance");
    report.add_test_suite(suite);
    report
        .to_string()
        .map_err(|error| Failure::new(Code::Host, format!("cannot write JUnit: {error}")))
}
