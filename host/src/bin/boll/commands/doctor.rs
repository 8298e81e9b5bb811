//! `boll doctor`: what works on this machine.

use std::path::Path;

use boll_host::sandbox::{Sandbox, SandboxSettings};

use crate::args::{Arguments, Doctor, Output};
use crate::doctor::{self, Findings, Status};
use crate::failure::{Code, Done, Failure};
use crate::report::{self, reporter::Reporter};
use crate::session;

pub(crate) fn run(doctor: &Doctor, arguments: &Arguments, reporter: &Reporter) -> Done {
    let workspace = session::workspace(None)?;
    let mut findings = look(&workspace)?;
    if doctor.fix && findings.has_fixes() {
        doctor::fix(&findings, &workspace, &session::cache_folder()?, reporter)?;
        findings = look(&workspace)?;
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

/// Looks at the sandbox and the tools, as they are for a workspace.
pub(crate) fn look(workspace: &Path) -> Done<Findings> {
    let sandbox = Sandbox::open(SandboxSettings::new(workspace))
        .map_err(|error| Failure::from_error(Code::Input, &error))?;
    let mut findings = doctor::sandbox_findings(sandbox.probe());
    findings.extend(doctor::toolchain_findings(
        workspace,
        &session::cache_folder()?,
    ));
    Ok(Findings(findings))
}
