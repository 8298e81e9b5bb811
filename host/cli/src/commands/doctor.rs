//! `boll doctor`: what works on this machine.

use std::path::Path;

use crate::args::{Arguments, Doctor};
use crate::doctor::{self, Findings, Status};
use crate::failure::{Code, Done, Failure};
use crate::language::Language;
use crate::operator::Operator;
use crate::output::Output;
use crate::report::{self, reporter::Reporter};
use crate::session;

pub(crate) fn run(doctor: &Doctor, arguments: &Arguments, reporter: &Reporter) -> Done {
    let workspace = session::workspace(None)?;
    let operator = Operator::read(arguments.policy.as_deref(), &arguments.expose)?;
    let mut findings = look(&workspace, &operator, &doctor.lang)?;
    let mut fixed = Ok(());
    if doctor.fix && findings.has_fixes() {
        fixed = doctor::fix(&findings, reporter);
        findings = look(&workspace, &operator, &doctor.lang)?;
    }
    match arguments.output {
        Output::Text => report::result(findings.to_string().as_bytes())?,
        Output::Json => report::json(&findings)?,
    }
    fixed?;
    if findings.worst() <= Status::Weak {
        return Ok(());
    }
    let failure = Failure::new(Code::Machine, findings.message());
    Err(if findings.has_fixes() {
        failure.hint("boll doctor --fix installs what it can")
    } else {
        failure
    })
}

/// Examines the sandbox and the tools, as they are for a workspace. The tools of `needed`
/// are required.
pub(crate) fn look(workspace: &Path, operator: &Operator, needed: &[Language]) -> Done<Findings> {
    let sandbox = session::sandbox(workspace, operator, &[])?;
    let mut findings = doctor::sandbox_findings(sandbox.probe());
    findings.extend(doctor::memory_finding());
    findings.extend(doctor::toolchain_findings(needed));
    Ok(Findings(findings))
}
