//! `boll explain CAPSULE process`: a command that the capsule would run.

use std::fmt::{self, Write as _};
use std::path::Path;

use boll_host::policy::command::{Checked, CommandSizes, CommandSpec};
use boll_host::policy::{
    Access, ArbitraryCode, ArgsPattern, AuthorizedCommand, Confinement, Decision, Denial,
    DenialReason, NetworkAccess, ProcessRequest, ResolvedProgram,
};
use boll_host::sandbox::Sandbox;
use serde::Serialize;

use super::super::check::Variable;
use super::{Grounds, Request, Subject, conclude, row};
use crate::args::{Arguments, Explain, ExplainProcess};
use crate::failure::{Code, Done, Failure};
use crate::grants::{described, variables_of};
use crate::host::workspace::require_fit_workspace;
use crate::protected;
use crate::report::reporter::Reporter;
use crate::session;

pub(super) fn run(
    process: &ExplainProcess,
    explain: &Explain,
    arguments: &Arguments,
    reporter: &Reporter,
) -> Done {
    let command = command(process)?;
    let subject = Subject::open(explain, arguments, reporter)?;
    let workspace = session::workspace(explain.workspace.as_deref())?;
    let protected = protected::of([&subject.project].into_iter())?;
    let sandbox = session::sandbox(&workspace, &subject.operator, &protected)?;
    let program = sandbox
        .resolve(&command.program)
        .map_err(|error| Failure::from_error(Code::Machine, &error))?;
    let (permissions, confinement) = (subject.permissions(), sandbox.confinement());
    let resolve = |name: &str| sandbox.resolve(name).ok();
    let candidates = permissions.candidates(&command, &program, resolve);
    let decision = permissions.decide(command.clone(), program.clone(), confinement, resolve);
    let context = Context {
        subject: &subject,
        workspace: &workspace,
        sandbox: &sandbox,
    };
    let candidates = candidates.iter();
    let candidates = candidates.map(|candidate| context.request(candidate));
    let mut explanation = Explanation::of(&decision, &command, &program, &context);
    explanation.grounds.candidates = Some(candidates.collect());
    let denials: Vec<&Denial> = decision.missing().collect();
    let request = decision.request().map(|matched| matched.request);
    let hints = context.hints(&denials, request, &command);
    if denials.is_empty() {
        // A run with this workspace fails before the command could be started.
        let requests = &subject.project.manifest.requests;
        let operator = &subject.operator;
        require_fit_workspace(requests, &subject.grants, &workspace, &protected, operator)?;
    }
    conclude(&explanation, &subject, arguments.output, &denials, hints)
}

fn command(process: &ExplainProcess) -> Done<Checked<CommandSpec>> {
    let mut words = process.command.iter().cloned();
    let spec = CommandSpec {
        program: words.next().unwrap_or_default(),
        args: words.collect(),
        env: process
            .env
            .iter()
            .map(|name| (name.clone(), String::new()))
            .collect(),
        ..CommandSpec::default()
    };
    spec.check(&CommandSizes::default())
        .map_err(|error| Failure::from_error(Code::Input, &error))
}

/// What a decision is explained with.
struct Context<'a> {
    subject: &'a Subject<'a>,
    workspace: &'a Path,
    sandbox: &'a Sandbox,
}

/// A decision in words.
#[derive(Serialize)]
struct Explanation {
    allowed: bool,
    command: String,
    program: Program,
    #[serde(flatten)]
    grounds: Grounds,
    /// What the process would reach, where it falls under a `[[process]]`.
    reaches: Option<Reach>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arbitrary_code: Option<ArbitraryCode>,
    /// What the capsule may set for the process.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    variables: Vec<Variable>,
    #[serde(skip)]
    confinement: Confinement,
}

#[derive(Serialize)]
struct Program {
    name: String,
    path: String,
    /// The file that was judged.
    real: String,
}

#[derive(Serialize)]
struct Reach {
    folder: String,
    workspace: String,
    network: &'static str,
    sandbox: bool,
    backend: String,
}

impl Explanation {
    fn of(
        decision: &Decision<'_, ProcessRequest, AuthorizedCommand>,
        command: &CommandSpec,
        program: &ResolvedProgram,
        context: &Context<'_>,
    ) -> Self {
        let words = std::iter::once(command.program.as_str());
        let words = words.chain(command.args.iter().map(String::as_str));
        let request = decision.request().map(|matched| matched.request);
        Self {
            allowed: decision.is_allowed(),
            // A command that was checked has no NUL, so quoting cannot fail.
            command: shlex::try_join(words).unwrap_or_default(),
            program: Program {
                name: command.program.clone(),
                path: program.path.display().to_string(),
                real: program.real.display().to_string(),
            },
            grounds: Grounds::of(decision, context.subject, |request| {
                context.request(request.request)
            }),
            reaches: request.map(|request| context.reach(request.access())),
            variables: request
                .into_iter()
                .flat_map(variables_of)
                .map(Variable::of)
                .collect(),
            arbitrary_code: ArbitraryCode::of(&command.program, Some(program)),
            confinement: context.sandbox.confinement(),
        }
    }
}

impl Context<'_> {
    fn request(&self, request: &ProcessRequest) -> Request {
        self.subject.request(request.line, request)
    }

    fn reach(&self, access: Access) -> Reach {
        Reach {
            folder: self.workspace.display().to_string(),
            workspace: access.workspace.to_string(),
            network: match access.network {
                NetworkAccess::None => "none",
                NetworkAccess::Host => "host",
            },
            sandbox: self.sandbox.confinement() != Confinement::Unconfined,
            backend: self.sandbox.settings().backend.to_string(),
        }
    }

    /// What would allow a command that is denied.
    fn hints(
        &self,
        denials: &[&Denial],
        request: Option<&ProcessRequest>,
        command: &CommandSpec,
    ) -> Vec<String> {
        let mut hints = Vec::new();
        for denial in denials {
            match &denial.reason {
                DenialReason::VariableNotRequested(name) => {
                    let manifest = self.subject.project.path.display();
                    let place = request.and_then(|request| request.line);
                    let place = place.map_or_else(String::new, |line| format!(":{line}"));
                    hints.push(format!(
                        "for the capsule to ask for it, add to the [[process]] at \
                         {manifest}{place}: env = [\"{name}\"]"
                    ));
                }
                DenialReason::NotGranted(_) => {}
                _ => hints.push(self.subject.how_to_ask(&asking(command))),
            }
        }
        hints.extend(self.subject.how_to_allow(denials));
        hints
    }
}

/// The `[[process]]` that asks for a command and for nothing else.
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

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.grounds.verdict(f, format_args!("{}", self.command))?;
        row(f, "program", &self.program)?;
        self.grounds.rows(f)?;
        if let Some(reach) = &self.reaches {
            row(
                f,
                "workspace",
                &format_args!("{}, {}", reach.folder, reach.workspace),
            )?;
            row(f, "network", &reach.network)?;
            row(f, "sandbox", &reach.backend)?;
        }
        if let Some(code) = &self.arbitrary_code {
            row(f, "beware", &code.on_host(self.confinement))?;
        }
        for variable in &self.variables {
            row(f, "variable", &described(variable.name()))?;
        }
        Ok(())
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name == self.path {
            f.write_str(&self.path)?;
        } else {
            write!(f, "{}, found in the sandbox's PATH", self.path)?;
        }
        if self.real != self.path {
            write!(f, "; it is {}", self.real)?;
        }
        Ok(())
    }
}
