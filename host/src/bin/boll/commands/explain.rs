//! `boll explain`: whether a command of a capsule would be allowed, and by
//! which rule. The decision is the one that a running capsule gets.

use std::fmt::{self, Write as _};
use std::path::Path;

use boll_host::policy::{
    Access, ArbitraryCode, ArgsPattern, Confinement, Decision, Denial, DenialReason, Grant,
    NetworkAccess, Permissions, ProcessRequest, Rule, Verdict, WorkspaceAccess,
};
use boll_host::process::command::{Command, CommandSizes, CommandSpec};
use boll_host::sandbox::Sandbox;
use serde::Serialize;

use crate::args::{Arguments, Explain, ExplainProcess, Explained, Output};
use crate::failure::{Code, Done, Failure};
use crate::operator::{Given, Operator};
use crate::project::{Component, Project};
use crate::report::{self, reporter::Reporter};
use crate::session;

pub(crate) fn run(explain: &Explain, arguments: &Arguments, reporter: &Reporter) -> Done {
    let Explained::Process(process) = &explain.what;
    let command = command(process)?;
    let project = Project::open(&explain.capsule)?;
    let operator = Operator::read(arguments.policy.as_deref())?;
    let workspace = session::workspace(explain.workspace.as_deref())?;
    let sandbox = session::sandbox(&workspace, &operator)?;
    let component = project.component(reporter)?;
    let given = operator.given(&project.manifest, component.digest)?;
    let mut grants = given.grants();
    grants.extend(explain.allow.iter().cloned());

    let program = sandbox
        .resolve(command.program())
        .map_err(|error| Failure::from_error(Code::Machine, &error))?;
    let confinement = sandbox.confinement();
    let decision = Permissions::new(&project.manifest.requests, &grants).decide(
        &command,
        program,
        confinement,
        |name| sandbox.resolve(name).ok(),
    );
    let context = Context {
        explain,
        project: &project,
        component: &component,
        operator: &operator,
        given: &given,
        workspace: &workspace,
        sandbox: &sandbox,
    };
    let explanation = Explanation::of(&decision, &command, &context);
    match arguments.output {
        Output::Text => report::result(explanation.to_string().as_bytes())?,
        Output::Json => report::json(&explanation)?,
    }
    match &decision.verdict {
        Verdict::Allowed(_) => Ok(()),
        Verdict::Denied(refusal) => {
            let denials: Vec<&Denial> = refusal.denials().collect();
            let failure = Failure::new(Code::NotGranted, refusal.first.to_string());
            let hints = context.hints(&denials, refusal.request, &command);
            Err(hints.into_iter().fold(failure, Failure::hint))
        }
    }
}

fn command(process: &ExplainProcess) -> Done<Command> {
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
    explain: &'a Explain,
    project: &'a Project,
    component: &'a Component,
    operator: &'a Operator,
    given: &'a Given,
    workspace: &'a Path,
    sandbox: &'a Sandbox,
}

/// A decision in words.
#[derive(Serialize)]
struct Explanation {
    allowed: bool,
    command: String,
    program: Program,
    /// The `[[process]]` that it falls under.
    request: Option<Request>,
    /// Every `[[process]]` for this program.
    candidates: Vec<Request>,
    grants: Vec<Granted>,
    missing: Vec<Missing>,
    /// What the process would reach, where it falls under a `[[process]]`.
    reaches: Option<Reach>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arbitrary_code: Option<ArbitraryCode>,
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
struct Request {
    file: String,
    line: Option<usize>,
    asks: String,
}

#[derive(Serialize)]
struct Granted {
    grant: String,
    by: Place,
}

/// Where a grant stands.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Place {
    /// In the operator's file.
    File { file: String, line: usize },
    /// On the command line.
    Allow,
}

#[derive(Serialize)]
struct Missing {
    capability: String,
    reason: String,
    /// The grant that would allow it, where it is a grant that is missing.
    grant: Option<String>,
}

#[derive(Serialize)]
struct Reach {
    folder: String,
    workspace: &'static str,
    network: &'static str,
    sandbox: bool,
    backend: String,
}

impl Explanation {
    fn of(decision: &Decision<'_>, command: &Command, context: &Context<'_>) -> Self {
        let (request, grants, denials) = match &decision.verdict {
            Verdict::Allowed(allowed) => {
                let grants = std::iter::once(&allowed.rule).chain(&allowed.further);
                (Some(allowed.request), grants.collect(), Vec::new())
            }
            Verdict::Denied(refusal) => (
                refusal.request,
                refusal.rules.iter().collect::<Vec<_>>(),
                refusal.denials().collect(),
            ),
        };
        let words = std::iter::once(command.program());
        let words = words.chain(command.args().iter().map(String::as_str));
        Self {
            allowed: matches!(decision.verdict, Verdict::Allowed(_)),
            // A command that was checked has no NUL, so quoting cannot fail.
            command: shlex::try_join(words).unwrap_or_default(),
            program: Program {
                name: command.program().to_owned(),
                path: decision.program.path.display().to_string(),
                real: decision.program.real.display().to_string(),
            },
            request: request.map(|request| context.request(request)),
            candidates: decision
                .candidates
                .iter()
                .map(|request| context.request(request))
                .collect(),
            grants: grants
                .into_iter()
                .map(|rule| context.granted(rule))
                .collect(),
            missing: denials.into_iter().map(Missing::of).collect(),
            reaches: request.map(|request| context.reach(request.access())),
            arbitrary_code: ArbitraryCode::of(command.program(), Some(&decision.program)),
            confinement: context.sandbox.confinement(),
        }
    }
}

impl Context<'_> {
    fn request(&self, request: &ProcessRequest) -> Request {
        Request {
            file: self.project.path.display().to_string(),
            line: request.line,
            asks: request.to_string(),
        }
    }

    fn granted(&self, rule: &Rule<'_>) -> Granted {
        Granted {
            grant: rule.grant.to_string(),
            // The command line's grants come after the file's.
            by: match self.given.allowed.get(rule.index) {
                Some(allowed) => Place::File {
                    file: self.operator.path().display().to_string(),
                    line: allowed.line,
                },
                None => Place::Allow,
            },
        }
    }

    fn reach(&self, access: Access) -> Reach {
        Reach {
            folder: self.workspace.display().to_string(),
            workspace: match access.workspace {
                WorkspaceAccess::ReadOnly => "read-only",
                WorkspaceAccess::ReadWrite => "read-write",
            },
            network: match access.network {
                NetworkAccess::None => "none",
                NetworkAccess::Host => "host",
            },
            sandbox: self.sandbox.confinement() == Confinement::Sandboxed,
            backend: self.sandbox.settings().backend.to_string(),
        }
    }

    /// What would allow a command that is denied.
    fn hints(
        &self,
        denials: &[&Denial],
        request: Option<&ProcessRequest>,
        command: &Command,
    ) -> Vec<String> {
        let manifest = self.project.path.display();
        let mut hints = Vec::new();
        let mut grants: Vec<Grant> = Vec::new();
        for denial in denials {
            match &denial.reason {
                DenialReason::NotRequested | DenialReason::ArgumentsNotRequested => {
                    hints.push(format!(
                        "for the capsule to ask for it, write into {manifest}:\n{}",
                        asking(command)
                    ));
                }
                DenialReason::VariableNotRequested(name) => {
                    let place = request.and_then(|request| request.line);
                    let place = place.map_or_else(String::new, |line| format!(":{line}"));
                    hints.push(format!(
                        "for the capsule to ask for it, add to the [[process]] at \
                         {manifest}{place}: env = [\"{name}\"]"
                    ));
                }
                DenialReason::TopicNotRequested => hints.push(format!(
                    "for the capsule to ask for it, add a [[publish]] to {manifest}"
                )),
                DenialReason::NotGranted(grant) => grants.push(grant.clone()),
            }
        }
        if !grants.is_empty() {
            let capsule = self.explain.capsule.display().to_string();
            let mut words = vec!["boll".to_owned(), "run".to_owned(), capsule];
            for grant in self.explain.allow.iter().chain(&grants) {
                words.extend(["--allow".to_owned(), grant.to_string()]);
            }
            // Neither arguments nor grants have a NUL, so quoting cannot fail.
            let line = shlex::try_join(words.iter().map(String::as_str)).unwrap_or_default();
            hints.push(format!("to allow it for one run: {line}"));
            let id = &self.project.manifest.id;
            let digest = self.component.digest;
            hints.push(self.operator.how_to_allow(id, digest, &grants));
            hints.extend(self.given.stale.clone());
        }
        hints
    }
}

/// The `[[process]]` that asks for a command and for nothing else.
fn asking(command: &Command) -> String {
    let args: toml_edit::Array = ArgsPattern::of(command.args()).words().collect();
    let program = toml_edit::Value::from(command.program());
    let mut text = format!("[[process]]\nprogram = {program}\nargs = {args}");
    if !command.env().is_empty() {
        let names: toml_edit::Array = command.env().iter().map(|(name, _)| name).collect();
        // Writing to a String cannot fail.
        let _ = write!(text, "\nenv = {names}");
    }
    text
}

impl Missing {
    fn of(denial: &Denial) -> Self {
        Self {
            capability: denial.capability.clone(),
            reason: denial.reason.to_string(),
            grant: match &denial.reason {
                DenialReason::NotGranted(grant) => Some(grant.to_string()),
                _ => None,
            },
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.allowed { "allowed" } else { "denied" };
        writeln!(f, "{verdict}: {}", self.command)?;
        let mut row = |name: &str, text: &dyn fmt::Display| writeln!(f, "  {name:<9}  {text}");
        row("program", &self.program)?;
        match &self.request {
            Some(request) => row("asked for", &format_args!("by {request}"))?,
            None => row("asked for", &"by nothing")?,
        }
        if self.request.is_none() {
            for candidate in &self.candidates {
                row("not by", candidate)?;
            }
        }
        for granted in &self.grants {
            row("granted", granted)?;
        }
        for missing in &self.missing {
            row(
                "missing",
                &format_args!("{}: {}", missing.capability, missing.reason),
            )?;
        }
        if let Some(reach) = &self.reaches {
            row(
                "workspace",
                &format_args!("{}, {}", reach.folder, reach.workspace),
            )?;
            row("network", &reach.network)?;
            row("sandbox", &reach.backend)?;
        }
        if let Some(code) = &self.arbitrary_code {
            row("beware", &code.on_host(self.confinement))?;
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

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.asks)
    }
}

impl fmt::Display for Granted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.by {
            Place::File { file, line } => write!(f, "by {file}:{line}: {}", self.grant),
            Place::Allow => write!(f, "by --allow: {}", self.grant),
        }
    }
}
