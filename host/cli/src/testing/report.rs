//! The results of a capsule's cases, as the report that people read and as JSON.
//! `docs/testing.md` describes the JSON.

use boll_host::services::log::{JsonFormat, LineFormat, TextFormat};
use serde::Serialize;
use serde_json::Value;

use super::coverage::Covered;
use super::difference::Difference;
use super::{ProcessMode, Ran, Session};
use crate::cases::report::{CaseReport, Mark, Report};

/// Returns the report.
pub(crate) fn report(session: &Session) -> Report {
    let unused = session.coverage.iter().flat_map(|all| all.unused());
    let unused = unused.map(|one| {
        let place = one.line.map(|line| format!("{}:{line}", session.manifest));
        (one.title(), place)
    });
    Report {
        command: "boll test",
        name: session.capsule.clone(),
        version: session.version.clone(),
        cases: session.ran.iter().map(case).collect(),
        unused: unused.collect(),
    }
}

fn case(ran: &Ran) -> CaseReport {
    let differences = &ran.differences;
    let what: Vec<&str> = differences.iter().map(|one| one.what.as_str()).collect();
    let place = format!("{}:{}", ran.case.file, ran.case.line);
    let lines = differences.iter().flat_map(|one| one.lines());
    CaseReport {
        name: ran.case.name.clone(),
        class: ran.case.file.clone(),
        title: match ran.mode {
            ProcessMode::Real => "(real processes)".to_owned(),
            ProcessMode::Scripted => String::new(),
        },
        mark: if ran.passed() {
            Mark::Passed
        } else {
            Mark::Failed
        },
        message: format!("other than expected: {}", what.join(", ")),
        details: std::iter::once(place).chain(lines).collect(),
        log: log(ran, &TextFormat { colour: false }),
        time: ran.time,
    }
}

/// The result for programs.
#[derive(Serialize)]
pub(crate) struct Json<'a> {
    capsule: &'a str,
    version: &'a str,
    passed: usize,
    failed: usize,
    cases: Vec<JsonCase<'a>>,
    /// `None` where only some of the cases ran.
    coverage: Option<&'a [Covered]>,
}

#[derive(Serialize)]
struct JsonCase<'a> {
    name: &'a str,
    file: &'a str,
    line: usize,
    processes: ProcessMode,
    passed: bool,
    time_ms: u64,
    differences: &'a [Difference],
    /// With the keys of `docs/logs.md`.
    log: Vec<Value>,
}

/// Returns the result for programs.
pub(crate) fn json(session: &Session) -> Json<'_> {
    let failed = session.failed();
    let coverage = session.coverage.as_ref();
    Json {
        capsule: &session.capsule,
        version: &session.version,
        passed: session.ran.len() - failed,
        failed,
        cases: session.ran.iter().map(json_case).collect(),
        coverage: coverage.map(|coverage| &*coverage.requests),
    }
}

fn json_case(ran: &Ran) -> JsonCase<'_> {
    let lines = log(ran, &JsonFormat).into_iter();
    let lines = lines.map(|line| serde_json::from_str(&line).unwrap_or_else(|_| line.into()));
    JsonCase {
        name: &ran.case.name,
        file: &ran.case.file,
        line: ran.case.line,
        processes: ran.mode,
        passed: ran.passed(),
        time_ms: u64::try_from(ran.time.as_millis()).unwrap_or(u64::MAX),
        differences: &ran.differences,
        log: lines.collect(),
    }
}

/// Returns the log of a case, line by line.
fn log(ran: &Ran, format: &dyn LineFormat) -> Vec<String> {
    let lines = ran.log.iter().map(|line| {
        let mut text = String::new();
        format.format(line, &mut text);
        text
    });
    lines.collect()
}
