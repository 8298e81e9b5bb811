//! `boll doctor`: what works on this machine.

use std::path::Path;

use clap::Args;

use super::Verb;
use crate::args::App;
use crate::doctor::{self, Finding, Findings, Status};
use crate::failure::{Code, Done, Failure};
use crate::language::Language;
use crate::operator::Operator;
use crate::room;
use crate::session;
use crate::wrap;

/// Show what works on this machine, what is missing, and how to fix it
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Install bubblewrap and the Rust target if they are missing and this user may
    /// install them
    #[arg(long)]
    fix: bool,

    /// Judge only the sandbox and the tools that building capsules in this language needs; may be
    /// repeated
    #[arg(long, value_enum)]
    lang: Vec<Language>,
}

impl Verb for Doctor {
    fn needs_room(&self) -> bool {
        false
    }

    fn run(&self, app: &App) -> Done {
        let workspace = session::workspace(None)?;
        let operator = app.operator()?;
        let examples = self.lang.is_empty();
        let mut findings = look(&workspace, &operator, &self.lang, examples)?;
        let mut fixed = Ok(());
        if self.fix && findings.has_fixes() {
            fixed = doctor::fix(&findings, &app.reporter);
            findings = look(&workspace, &operator, &self.lang, examples)?;
        }
        app.description(&findings.text(wrap::of_stdout()), &findings)?;
        fixed?;
        if findings.worst() <= Status::Weak {
            return Ok(());
        }
        let failure = Failure::new(Code::Machine, findings.message());
        Err(match findings.has_fixes() {
            true => failure.hint("boll doctor --fix installs what it can"),
            false => failure,
        })
    }
}

/// Examines the sandbox and the tools, as they are for a workspace. The tools of `needed`
/// are required, or those of one language if that is empty; what the examples run is, if they
/// are to be run.
pub(crate) fn look(
    workspace: &Path,
    operator: &Operator,
    needed: &[Language],
    examples: bool,
) -> Done<Findings> {
    let mut findings = match room::require_room() {
        // No command gets as far as the sandbox then.
        Err(lacking) => vec![doctor::room_finding(&lacking)],
        Ok(()) => {
            session::raise_descriptor_limit();
            let sandbox = session::sandbox(workspace, operator, &[])?;
            let mut findings = doctor::sandbox_findings(sandbox.probe());
            findings.extend(doctor::memory_finding());
            let tools = operator.tools().iter();
            findings.extend(tools.map(|(tool, found)| {
                Finding::ok(format!("tools: {}", tool.name()), found.to_string())
            }));
            findings
        }
    };
    findings.extend(doctor::toolchain_findings(needed, examples));
    Ok(Findings(findings))
}
