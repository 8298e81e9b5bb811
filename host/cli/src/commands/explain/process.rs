//! `boll explain CAPSULE process`: a command that the capsule would run.

use std::fmt::Write as _;

use boll_host::policy::command::{Checked, CommandSizes, CommandSpec};
use boll_host::policy::{
    ArbitraryCode, ArgsPattern, Confinement, Decision, DenialReason, ProcessRequest,
    ResolvedProgram,
};
use clap::Args;
use serde_json::json;

use super::super::check::Variable;
use super::{Subject, Use};
use crate::complete;
use crate::failure::{Code, Done, OrFail as _};
use crate::grants::{described, variables_of};
use crate::host::workspace::FolderJudge;
use crate::session;

/// `boll explain CAPSULE process`.
#[derive(Debug, Args)]
pub(super) struct Process {
    /// A variable that the capsule would set for it; may be repeated
    #[arg(long, value_name = "NAME")]
    env: Vec<String>,

    /// The program and its arguments; options after the program belong to it
    #[arg(
        required = true,
        trailing_var_arg = true,
        value_names = ["PROGRAM", "ARGS"],
        add = complete::program()
    )]
    command: Vec<String>,
}

impl Process {
    pub(super) fn explain<'a>(&self, open: impl FnOnce() -> Done<Subject<'a>>) -> Done {
        let command = self.command()?;
        let subject = open()?;
        let (workspace, protected) = subject.workspace()?;
        let operator = &subject.operator;
        let sandbox = session::sandbox(&workspace, operator, &protected)?;
        let program = session::resolve(&sandbox, &command.program)?;
        let (permissions, confinement) = (subject.permissions(), sandbox.confinement());
        let resolve = |name: &str| sandbox.resolve(name).ok();
        let candidates = permissions.candidates(&command, &program, resolve);
        let decision = permissions.decide(command.clone(), program.clone(), confinement, resolve);
        let request = decision.request().map(|matched| matched.request);
        let code = ArbitraryCode::of(&command.program, Some(&program));
        let variables: Vec<Variable> = request
            .into_iter()
            .flat_map(variables_of)
            .map(Variable::of)
            .collect();
        let mut below = Vec::new();
        let reaches = request.map(|request| {
            let (folder, access) = (workspace.display(), request.access());
            let network = access.network.to_string();
            let backend = sandbox.settings().backend.to_string();
            let seen = format!("{folder}, {}", access.workspace);
            below.push(("workspace", seen));
            below.push(("network", network.clone()));
            below.push(("sandbox", backend.clone()));
            json!({
                "folder": folder.to_string(),
                "workspace": access.workspace.to_string(),
                "network": network,
                "sandbox": confinement != Confinement::Unconfined,
                "backend": backend,
            })
        });
        below.extend(
            code.iter()
                .map(|code| ("warning", code.on_host(confinement))),
        );
        let named = variables.iter().map(|variable| described(variable.name()));
        below.extend(named.map(|text| ("variable", text)));
        // A command that was checked has no NUL, so quoting cannot fail.
        let words = std::iter::once(&command.program).chain(&command.args);
        let title = shlex::try_join(words.map(String::as_str)).unwrap_or_default();
        let mut keys = json!({
            "command": title,
            "program": {
                "name": command.program,
                "path": program.path.display().to_string(),
                // The file that was judged.
                "real": program.real.display().to_string(),
            },
            "reaches": reaches,
        });
        if let Some(code) = &code {
            keys["arbitrary_code"] = json!(code);
        }
        if !variables.is_empty() {
            keys["variables"] = json!(variables);
        }
        if decision.is_allowed() {
            // A run with this workspace fails before the command could be started.
            let requests = &subject.project.manifest.requests;
            let judge = FolderJudge {
                operator,
                workspace: &workspace,
                protected: &protected,
            };
            judge.require_workspace(requests, &subject.grants)?;
        }
        let candidates = candidates.iter().map(|candidate| candidate.request);
        subject.conclude(
            &decision,
            Use {
                title,
                keys,
                asks: |request| (request.line, request.to_string()),
                candidates: Some(candidates.collect()),
                above: vec![("program", found(&command.program, &program))],
                below,
                hints: hints(&subject, &decision, &command),
            },
        )
    }

    fn command(&self) -> Done<Checked<CommandSpec>> {
        let mut words = self.command.iter().cloned();
        let env = self.env.iter();
        let spec = CommandSpec {
            program: words.next().unwrap_or_default(),
            args: words.collect(),
            env: env.map(|name| (name.clone(), String::new())).collect(),
            ..CommandSpec::default()
        };
        spec.check(&CommandSizes::default()).or_code(Code::Input)
    }
}

/// Returns how to make the manifest ask for a command that is denied.
fn hints<T>(
    subject: &Subject<'_>,
    decision: &Decision<'_, ProcessRequest, T>,
    command: &CommandSpec,
) -> Vec<String> {
    let hint = |reason: &DenialReason| match reason {
        DenialReason::VariableNotRequested(name) => {
            let manifest = subject.project.path.display();
            let line = decision.request().and_then(|request| request.line);
            let place = line.map_or_else(String::new, |line| format!(":{line}"));
            Some(format!(
                "for the capsule to ask for it, add to the [[process]] at \
                 {manifest}{place}: env = [\"{name}\"]"
            ))
        }
        DenialReason::NotGranted(_) => None,
        _ => Some(subject.how_to_ask(&asking(command))),
    };
    let denials = decision.missing();
    denials.filter_map(|denial| hint(&denial.reason)).collect()
}

/// Returns the `[[process]]` that asks for a command and for nothing else.
fn asking(command: &CommandSpec) -> String {
    let args: toml_edit::Array = ArgsPattern::of(&command.args).words().collect();
    let program = toml_edit::Value::from(command.program.as_str());
    let mut text = format!("[[process]]\nprogram = {program}\nargs = {args}");
    if !command.env.is_empty() {
        let names: toml_edit::Array = command.env.iter().map(|(name, _)| name).collect();
        // Writing to a String cannot fail.
        let _ = write!(text, "\nenv = {names}");
    }
    text
}

/// Returns where a program was found.
fn found(name: &str, program: &ResolvedProgram) -> String {
    let (path, real) = (program.path.display(), program.real.display());
    let mut text = path.to_string();
    if *name != *text {
        text.push_str(", found in the sandbox's PATH");
    }
    if program.real != program.path {
        // Writing to a String cannot fail.
        let _ = write!(text, "; it is {real}");
    }
    text
}
