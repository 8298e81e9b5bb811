//! `boll doctor`: what works on this machine.

use std::path::Path;

use crate::args::{Arguments, Doctor};
use crate::doctor::{self, Findings, Status};
use crate::failure::{Code, Done, Failure};
use crate::home;
use crate::language::Language;
use crate::operator::Operator;
use crate::output::Output;
use crate::report::{self, reporter::Reporter};
use crate::session;

pub(crate) fn run(doctor: &Doctor, arguments: &Arguments, reporter: &Reporter) -> Done {
    let workspace = session::workspace(None)?;
    let operator = Operator::read(arguments.policy.as_deref(), &arguments.expose)?;
    let mut findings = look(&workspace, &operator, &doctor.lang)?;
    // Twice: what is to be installed may be known only when the lists are there.
    for _ in 0..2 {
        if doctor.fix && findings.has_fixes() {
            doctor::fix(&findings, &home::cache_folder()?, reporter)?;
            findings = look(&workspace, &operator, &doctor.lang)?;
        }
    }
    match arguments.output {
        Output::Text => report::result(findings.to_string().as_bytes())?,
        Output::Json => report::json(&findings)?,
    }
    if findings.worst() <= Status::Weak {
        return Ok(());
    }
    let failure = Failure::new(
        Code::Machine,
        "this machine lacks something that Boll needs",
    );
    Err(if findings.has_fixes() {
        failure.hint("boll doctor --fix prepares it")
    } else {
        failure
    })
}

/// Looks at the sandbox and the tools, as they are for a workspace. The tools of `needed` have to be there.
pub(crate) fn look(workspace: &Path, operator: &Operator, needed: &[Language]) -> Done<Findings> {
    let sandbox = session::sandbox(workspace, operator, &[])?;
    let mut findings = doctor::sandbox_findings(sandbox.probe());
    findings.extend(doctor::memory_finding());
    findings.extend(doctor::toolchain_findings(&home::cache_folder()?, needed));
    Ok(Findings(findings))
}
