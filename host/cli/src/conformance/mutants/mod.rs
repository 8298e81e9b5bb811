//! Mutants: hosts with one fault each, which a case of the suite has to notice.
//!
//! The host is not touched. A fault lies between the runner and the host ([`tamper`]), in
//! what one asks and the other answers, or in the functions that a guest calls
//! ([`component`]): a case cannot tell either from a fault of the host. The faults are in
//! [`table`].

mod change;
mod component;
mod guest;
mod loads;
mod settings;
mod table;
pub(super) mod tamper;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use self::change::Change;
use self::tamper::Tamper;
use super::host::Host;
use super::runner::{self, CaseOutcome, Run};
use super::suite::{CaseFolder, Suite};
use super::trial;
use crate::cases::report::{CaseReport, Format, Mark, Report};
use crate::failure::{Code, Done, Failure, OrFail as _};
use crate::interrupt::{Listening, told};
use crate::report::reporter::Reporter;

/// A fault of a host.
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    /// The behaviour that is not what the contract says.
    pub(crate) wrong: &'static str,
    /// The case that notices it.
    pub(crate) case: &'static str,
    change: Change,
}

const fn fault(
    name: &'static str,
    case: &'static str,
    wrong: &'static str,
    change: Change,
) -> Fault {
    Fault {
        name,
        wrong,
        case,
        change,
    }
}

/// What a case said of a host with a fault.
enum Said {
    /// The fault: how the case failed.
    Caught(String),
    /// Nothing: the case passed.
    Missed,
    /// The host cannot be tried with this fault.
    Broken(String),
}

/// The result of a fault.
struct Tried {
    fault: &'static Fault,
    said: Said,
    time: Duration,
}

/// The results of all faults that were tried.
pub(crate) struct Mutants {
    host: String,
    version: String,
    tried: Vec<Tried>,
    /// The cases that no fault makes fail.
    idle: Vec<String>,
}

/// The faults that the cases of a suite are to notice.
pub(crate) fn faults(suite: &Suite) -> impl Iterator<Item = &'static Fault> {
    let is_there = |name: &str| suite.cases.iter().any(|case| case.name == name);
    let all = table::all();
    all.filter(move |fault| is_there(fault.case))
}

/// Returns the list of the faults in a format.
pub(crate) fn list(suite: &Suite, format: Format) -> Done<String> {
    let mut faults: Vec<&Fault> = faults(suite).collect();
    faults.sort_by_key(|fault| fault.name);
    match format {
        Format::Table => {
            let lines = faults.iter();
            let lines =
                lines.map(|fault| format!("{}  {} ({})\n", fault.name, fault.wrong, fault.case));
            Ok(lines.collect())
        }
        Format::Markdown => {
            let rows = faults.iter();
            let rows = rows.map(|fault| {
                format!(
                    "| `{}` | {} | `{}` |\n",
                    fault.name, fault.wrong, fault.case
                )
            });
            let rows: String = rows.collect();
            Ok(format!(
                "| fault | the host | noticed by |\n|---|---|---|\n{rows}"
            ))
        }
        Format::Json => {
            let all = faults.iter().map(
                |fault| json!({"fault": fault.name, "wrong": fault.wrong, "case": fault.case}),
            );
            let all: Vec<Value> = all.collect();
            serde_json::to_string_pretty(&all)
                .or_fail(Code::Host, || "cannot write JSON".to_owned())
        }
        Format::Tap | Format::Junit => Err(Failure::new(
            Code::Input,
            "a list is written as table, json or markdown",
        )),
    }
}

/// Runs the case of each fault on a host that has the fault.
///
/// # Errors
///
/// A case does not pass without a fault, so that it proves nothing with one.
pub(crate) fn run(mut suite: Suite, how: &Run<'_>, reporter: &Reporter) -> Done<Mutants> {
    let faults: Vec<&'static Fault> = faults(&suite).collect();
    let with_fault: BTreeSet<&str> = faults.iter().map(|fault| fault.case).collect();
    let names = suite.cases.iter().map(|case| case.name.clone());
    let idle: Vec<String> = names.filter(|name| !with_fault.contains(&**name)).collect();
    suite.cases.retain(|case| with_fault.contains(&*case.name));

    let usual = runner::run(&suite, how, reporter)?;
    for case in &usual.cases {
        if case.outcome != CaseOutcome::Passed {
            let text = format!(
                "{} does not pass on {}, so it cannot show that it notices a fault",
                case.name, usual.host.name
            );
            let hint = format!("boll conformance --only {}", case.name);
            return Err(Failure::new(Code::Capsule, text).hint(hint));
        }
    }

    let folder = tempfile::tempdir().or_fail(Code::Machine, || "no temporary folder".to_owned())?;
    let _listening = Listening::begin()?;
    let step = reporter.step(format!("trying {} faults", faults.len()));
    let (next, tried) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(fault) = faults.get(next.fetch_add(1, Ordering::Relaxed)) {
            step.detail(fault.name);
            let case = suite.cases.iter().find(|case| case.name == fault.case);
            let started = Instant::now();
            let said = match case {
                Some(case) => attempt(fault, case, how, &folder),
                None => Said::Broken(format!("there is no case {}", fault.case)),
            };
            if told().is_some() {
                break;
            }
            let time = started.elapsed();
            let mut tried = tried.lock().unwrap_or_else(PoisonError::into_inner);
            tried.push(Tried { fault, said, time });
        }
    };
    thread::scope(|scope| {
        for _ in 1..how.jobs.clamp(1, faults.len().max(1)) {
            scope.spawn(work);
        }
        work();
    });
    if told().is_some() {
        step.failed();
        return Err(Failure::new(Code::Interrupted, "interrupted"));
    }
    step.done();
    let mut tried = tried.into_inner().unwrap_or_else(PoisonError::into_inner);
    tried.sort_by(|one, other| one.fault.name.cmp(other.fault.name));
    Ok(Mutants {
        host: usual.host.name,
        version: usual.host.version,
        tried,
        idle,
    })
}

/// Runs the case of a fault on a host of its own, which has the fault.
fn attempt(fault: &'static Fault, case: &CaseFolder, how: &Run<'_>, folder: &TempDir) -> Said {
    let broken = |error: std::io::Error| Said::Broken(error.to_string());
    let mut case = case.clone();
    if matches!(fault.change, Change::Guest) {
        let changed = folder.path().join(format!("{}.wasm", fault.name));
        if let Err(error) = component::with_fault(&case.component, fault.name, &changed) {
            return broken(error);
        }
        case.component = changed;
    }
    let mut host = match Host::start(how.command, how.patience) {
        Ok(host) => host,
        Err(error) => return Said::Broken(error.to_string()),
    };
    match Tamper::new(&fault.change) {
        Ok(tamper) => host.tamper_with(tamper),
        Err(error) => return broken(error),
    }
    match trial::run(&case, &mut host) {
        Ok(CaseOutcome::Passed) => Said::Missed,
        Ok(CaseOutcome::Failed(how)) => Said::Caught(how),
        Ok(CaseOutcome::Unsupported(what)) => Said::Broken(format!("unsupported: {what}")),
        Err(error) => Said::Broken(error.to_string()),
    }
}

impl Mutants {
    /// Returns how many faults were not caught, and how many cases have none.
    pub(crate) fn unproven(&self) -> usize {
        let caught = |one: &&Tried| matches!(one.said, Said::Caught(_));
        self.tried.len() - self.tried.iter().filter(caught).count() + self.idle.len()
    }

    /// Returns the report for people and for tools.
    pub(crate) fn report(&self) -> Report {
        let tried = self.tried.iter().map(|one| {
            let (mark, message) = match &one.said {
                Said::Caught(_) => (Mark::Passed, String::new()),
                Said::Missed => (Mark::Failed, format!("{} passes", one.fault.case)),
                Said::Broken(why) => (Mark::Failed, format!("{}: {why}", one.fault.case)),
            };
            CaseReport {
                name: one.fault.name.to_owned(),
                class: "mutants".to_owned(),
                title: format!("{} ({})", one.fault.wrong, one.fault.case),
                mark,
                message,
                details: Vec::new(),
                log: Vec::new(),
                time: one.time,
            }
        });
        let idle = self.idle.iter().map(|case| CaseReport {
            name: case.clone(),
            class: "mutants".to_owned(),
            title: "a case that no fault makes fail".to_owned(),
            mark: Mark::Failed,
            message: "nothing proves that it can fail".to_owned(),
            details: Vec::new(),
            log: Vec::new(),
            time: Duration::ZERO,
        });
        Report {
            command: "boll conformance --mutants",
            name: self.host.clone(),
            version: self.version.clone(),
            cases: tried.chain(idle).collect(),
            unused: Vec::new(),
        }
    }

    /// Returns the result for programs.
    pub(crate) fn json(&self) -> Value {
        let tried = self.tried.iter().map(|one| {
            let (result, message) = match &one.said {
                Said::Caught(how) => ("caught", Some(how)),
                Said::Missed => ("missed", None),
                Said::Broken(why) => ("broken", Some(why)),
            };
            json!({
                "fault": one.fault.name,
                "wrong": one.fault.wrong,
                "case": one.fault.case,
                "result": result,
                "message": message,
                "seconds": one.time.as_secs_f64(),
            })
        });
        json!({
            "host": self.host,
            "faults": tried.collect::<Value>(),
            "cases_without_fault": self.idle,
        })
    }
}
