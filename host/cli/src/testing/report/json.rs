//! The result for programs. `docs/testing.md` describes it.

use serde::Serialize;

use super::json_log;
use crate::args::ProcessMode;
use crate::testing::{Ran, Session};

/// All of it.
#[derive(Serialize)]
pub(crate) struct Result<'a> {
    capsule: &'a str,
    version: &'a str,
    passed: usize,
    failed: usize,
    cases: Vec<Case<'a>>,
    /// `None` where only some of the cases ran.
    coverage: Option<Vec<Request<'a>>>,
}

#[derive(Serialize)]
struct Case<'a> {
    name: &'a str,
    file: &'a str,
    line: usize,
    /// `scripted` or `real`.
    processes: &'static str,
    passed: bool,
    time_ms: u64,
    differences: Vec<Difference<'a>>,
    log: Vec<serde_json::Value>,
}

#[derive(Serialize)]
struct Difference<'a> {
    what: &'a str,
    expected: &'a str,
    found: &'a str,
    hint: Option<&'a str>,
}

#[derive(Serialize)]
struct Request<'a> {
    kind: &'static str,
    name: &'a str,
    line: Option<usize>,
    used: bool,
}

pub(crate) fn of(session: &Session) -> Result<'_> {
    let failed = session.failed();
    let coverage = session.coverage.as_ref().map(|coverage| {
        let requests = coverage.requests.iter().map(|request| Request {
            kind: request.kind,
            name: &request.name,
            line: request.line,
            used: request.used,
        });
        requests.collect()
    });
    Result {
        capsule: &session.capsule,
        version: &session.version,
        passed: session.ran.len() - failed,
        failed,
        cases: session.ran.iter().map(case).collect(),
        coverage,
    }
}

fn case(ran: &Ran) -> Case<'_> {
    let differences = ran.differences.iter().map(|difference| Difference {
        what: &difference.what,
        expected: &difference.expected,
        found: &difference.found,
        hint: difference.hint.as_deref(),
    });
    Case {
        name: &ran.case.name,
        file: &ran.case.file,
        line: ran.case.line,
        processes: match ran.mode {
            ProcessMode::Scripted => "scripted",
            ProcessMode::Real => "real",
        },
        passed: ran.passed(),
        time_ms: u64::try_from(ran.time.as_millis()).unwrap_or(u64::MAX),
        differences: differences.collect(),
        log: json_log(ran),
    }
}
