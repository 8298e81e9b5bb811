//! Runs a suite on a host: as many processes of it as cases run at a time, and a
//! new one whenever one cannot be used any more.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::expectations::{Expectation, Expectations, is_expected};
use super::host::{Host, HostError};
use super::protocol::Hello;
use super::suite::{CaseFolder, Suite};
use super::trial;
pub(crate) use super::trial::CaseOutcome;
use crate::failure::{Code, Done, Failure};
use crate::interrupt::{Listening, told};
use crate::report::reporter::Reporter;

/// How a suite is run.
pub(crate) struct Run<'a> {
    /// The host's program and its arguments.
    pub(crate) command: &'a [String],
    /// How long a host may take for one answer.
    pub(crate) patience: Duration,
    /// Cases at a time.
    pub(crate) jobs: usize,
    /// The known failures of the host.
    pub(crate) expectations: &'a Expectations,
}

/// The results of a suite on a host.
pub(crate) struct Results {
    /// The host's description of itself.
    pub(crate) host: Hello,
    /// In the order of the suite.
    pub(crate) cases: Vec<CaseResult>,
}

/// The result of a case.
pub(crate) struct CaseResult {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) outcome: CaseOutcome,
    pub(crate) expectation: Option<Expectation>,
    pub(crate) time: Duration,
}

impl CaseResult {
    /// Returns whether it ended as expected.
    pub(crate) fn is_expected(&self) -> bool {
        is_expected(&self.outcome, self.expectation.as_ref())
    }
}

/// Runs all cases of a suite.
///
/// # Errors
///
/// The host cannot be started at all. Later failures are results of cases.
pub(crate) fn run(suite: &Suite, how: &Run<'_>, reporter: &Reporter) -> Done<Results> {
    let failed = |error: HostError| {
        Failure::from_error(Code::Input, &error)
            .hint("docs/conformance.md says how a host speaks with the runner")
    };
    let _listening = Listening::begin()?;
    let first = Host::start(how.command, how.patience).map_err(failed)?;
    let hello = first.hello.clone();
    let step = reporter.step(format!(
        "running {} cases on {}",
        suite.cases.len(),
        hello.name
    ));
    let (next, results) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = |mut host: Option<Host>| {
        while let Some(case) = suite.cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            step.detail(&case.name);
            let started = Instant::now();
            let outcome = one(case, &mut host, how);
            if told().is_some() {
                break;
            }
            let title = case.case(&[]).map(|case| case.title).unwrap_or_default();
            let result = CaseResult {
                name: case.name.clone(),
                title,
                outcome,
                expectation: how.expectations.of(&case.name).cloned(),
                time: started.elapsed(),
            };
            let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
            results.push(result);
        }
    };
    thread::scope(|scope| {
        let jobs = how.jobs.clamp(1, suite.cases.len().max(1));
        for _ in 1..jobs {
            scope.spawn(|| work(None));
        }
        work(Some(first));
    });
    if told().is_some() {
        step.failed();
        return Err(Failure::new(Code::Interrupted, "interrupted"));
    }
    step.done();
    let mut cases = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    cases.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Results { host: hello, cases })
}

/// Runs one case, and keeps the host's process if it can still be used.
fn one(case: &CaseFolder, host: &mut Option<Host>, how: &Run<'_>) -> CaseOutcome {
    let start = || Host::start(how.command, how.patience);
    let mut ready = match host.take().map_or_else(start, Ok) {
        Ok(ready) => ready,
        Err(error) => return CaseOutcome::Failed(error.to_string()),
    };
    match trial::run(case, &mut ready) {
        Ok(outcome) => {
            *host = Some(ready);
            outcome
        }
        Err(error) => CaseOutcome::Failed(error.to_string()),
    }
}
