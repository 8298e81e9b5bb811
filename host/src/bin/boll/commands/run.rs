//! `boll run`: one call to a capsule.

use std::fs;
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use boll_host::policy::{Confinement, Grant, GrantSet, Permissions};
use boll_host::sandbox::Sandbox;
use boll_host::services::log::{LogLevel, LogSettings};
use boll_host::{CallOptions, Load, Outcome, Runtime};
use dialoguer::{Select, theme::ColorfulTheme};
use tokio::signal::unix::{SignalKind, signal};

use crate::args::{Arguments, Level, LogFormat, Output, Run};
use crate::configuration;
use crate::failure::{Code, Done, Failure};
use crate::operator::{Given, Operator};
use crate::project::{Component, Project};
use crate::report::{self, log::ProgramSink, reporter::Reporter};
use crate::session;

pub(crate) fn run(run: &Run, arguments: &Arguments, reporter: &Reporter) -> Done {
    let project = Project::open(&run.capsule)?;
    let operator = Operator::read(arguments.policy.as_deref())?;
    let prepared = Prepared::new(project, operator, reporter)?;
    call(prepared, run, arguments)
}

/// A capsule that is built, with what the operator gives it.
pub(crate) struct Prepared {
    project: Project,
    component: Component,
    operator: Operator,
    given: Given,
}

impl Prepared {
    pub(crate) fn new(project: Project, operator: Operator, reporter: &Reporter) -> Done<Self> {
        let component = project.component(reporter)?;
        let given = operator.given(&project.manifest, component.digest)?;
        Ok(Self {
            project,
            component,
            operator,
            given,
        })
    }
}

/// Grants, loads, calls, prints.
pub(crate) fn call(prepared: Prepared, run: &Run, arguments: &Arguments) -> Done {
    let workspace = session::workspace(run.workspace.as_deref())?;
    let action = action(&prepared.project, run)?;
    let payload = payload(run)?;
    let sandbox = if prepared.project.manifest.requests.processes.is_empty() {
        None
    } else {
        Some(session::sandbox(&workspace, &prepared.operator)?)
    };
    let mut grants = prepared.given.grants();
    grants.extend(run.allow.iter().cloned());
    grants.extend(ask_for_missing(&prepared, &grants, sandbox.as_ref())?);
    let manifest = &prepared.project.manifest;
    let permissions = Permissions::new(&manifest.requests, &grants);
    prepared
        .operator
        .check_folders(&permissions.folders(), &workspace)?;
    let config =
        configuration::gather(manifest, &prepared.given, std::env::vars_os(), &run.config)?;
    let stale = prepared.given.stale;

    let log = LogSettings {
        level: run.log_level.into(),
        rate: prepared.operator.log_rate(),
        ..LogSettings::default()
    };
    let files = prepared.operator.log_files(&workspace)?;
    let sink = ProgramSink::new(run.log_format).files(files)?;
    let mut builder = session::builder(log, sink)?.workspace(&workspace);
    if let Some(sandbox) = sandbox {
        let report = sandbox.probe();
        if !report.works() {
            return Err(Failure::new(Code::Machine, report.to_string())
                .hint("boll doctor says more; boll doctor --fix prepares what it can"));
        }
        builder = builder
            .sandbox(sandbox)
            .processes(prepared.operator.processes());
    }
    let options = CallOptions {
        principal: run.principal.clone(),
        call_id: run.call_id.clone(),
        time: run.time_ms.map(Duration::from_millis),
    };
    let load = Load::new(prepared.project.manifest, prepared.component.bytes)
        .grants(grants)
        .config(config);
    let outcome = session::block_on(async {
        let runtime = session::build(builder)?;
        let outcome = until_interrupted(&runtime, async {
            let id = runtime.load(load).await.map_err(|error| {
                let path = prepared.component.path.display();
                let failure = Failure::from(error).hint(format!("the component is {path}"));
                stale.into_iter().fold(failure, Failure::hint)
            })?;
            Ok(runtime.invoke(&id, &action, payload, options).await?)
        })
        .await;
        // Also after a failure: nothing that was started may stay behind, and
        // the log says what happened.
        runtime.shut_down().await;
        outcome
    })?;
    print(outcome, arguments.output)
}

async fn until_interrupted<T>(runtime: &Runtime, work: impl Future<Output = Done<T>>) -> Done<T> {
    let listen = |kind| {
        signal(kind).map_err(|error| {
            Failure::new(Code::Machine, format!("cannot listen for signals: {error}"))
        })
    };
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    let mut work = pin!(work);
    let how = tokio::select! {
        done = &mut work => return done,
        _ = interrupt.recv() => "interrupted",
        _ = terminate.recv() => "terminated",
    };
    // The work goes on until its processes, which are asked to end, have ended;
    // a second signal ends them at once.
    tokio::select! {
        _ = async { tokio::join!(work, runtime.shut_down()) } => {}
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Err(Failure::new(Code::Interrupted, how))
}

fn action(project: &Project, run: &Run) -> Done<String> {
    let manifest = &project.manifest;
    if let Some(action) = &run.action {
        return Ok(action.clone());
    }
    if let Some(action) = manifest.default_action() {
        return Ok(action.name.clone());
    }
    let names: Vec<&str> = manifest
        .actions
        .iter()
        .map(|action| action.name.as_str())
        .collect();
    let failure = Failure::new(
        Code::Input,
        format!("{} has no default action: name one", manifest.id),
    );
    Err(if names.is_empty() {
        failure.hint("the manifest lists no [[action]]")
    } else {
        failure.hint(format!("it has: {}", names.join(", ")))
    })
}

fn payload(run: &Run) -> Done<Vec<u8>> {
    let failed = |path: &Path, error: &io::Error| {
        Failure::new(
            Code::Input,
            format!("cannot read the payload from {}: {error}", path.display()),
        )
    };
    match (&run.payload, &run.payload_file) {
        (Some(text), _) => Ok(text.clone().into_bytes()),
        (None, Some(path)) if path == Path::new("-") => {
            let mut bytes = Vec::new();
            io::stdin()
                .lock()
                .read_to_end(&mut bytes)
                .map_err(|error| failed(path, &error))?;
            Ok(bytes)
        }
        (None, Some(path)) => fs::read(path).map_err(|error| failed(path, &error)),
        (None, None) => Ok(Vec::new()),
    }
}

/// The grants that are missing, given by whoever is asked on a terminal;
/// elsewhere a refusal.
fn ask_for_missing(
    prepared: &Prepared,
    grants: &GrantSet,
    sandbox: Option<&Sandbox>,
) -> Done<Vec<Grant>> {
    let confinement = sandbox.map_or(Confinement::Sandboxed, Sandbox::confinement);
    let missing = missing(&prepared.project, grants, confinement);
    if missing.is_empty() {
        return Ok(missing);
    }
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(refusal(prepared, &missing));
    }
    match ask(&prepared.project, &missing, sandbox)? {
        Answer::Once => {}
        Answer::Always => prepared.operator.add(
            &prepared.project.manifest.id,
            prepared.component.digest,
            &missing,
        )?,
        Answer::No => return Err(refusal(prepared, &missing)),
    }
    Ok(missing)
}

/// The grants that a capsule lacks on a host that confines its processes so.
pub(crate) fn missing(
    project: &Project,
    grants: &GrantSet,
    confinement: Confinement,
) -> Vec<Grant> {
    Permissions::new(&project.manifest.requests, grants).missing(confinement)
}

fn refusal(prepared: &Prepared, missing: &[Grant]) -> Failure {
    let id = &prepared.project.manifest.id;
    let mut hints = vec![
        format!("to allow it for one run: {}", allowing(missing)),
        prepared
            .operator
            .how_to_allow(id, prepared.component.digest, missing),
    ];
    hints.extend(prepared.given.stale.clone());
    Failure::not_granted(id.as_str(), missing, hints)
}

/// The command line as it was given, with the grants that are missing: a line
/// that can be pasted.
fn allowing(missing: &[Grant]) -> String {
    let mut words: Vec<String> = std::env::args_os()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    // Before a `--`, after which there are no more options.
    let end = words.iter().position(|word| word == "--");
    let flags = missing
        .iter()
        .flat_map(|grant| ["--allow".to_owned(), grant.to_string()]);
    let end = end.unwrap_or(words.len());
    words.splice(end..end, flags);
    // Arguments have no NUL, so quoting cannot fail.
    shlex::try_join(words.iter().map(String::as_str)).unwrap_or_default()
}

enum Answer {
    Once,
    Always,
    No,
}

fn ask(project: &Project, missing: &[Grant], sandbox: Option<&Sandbox>) -> Done<Answer> {
    let lines: Vec<String> = missing
        .iter()
        .map(|grant| match beware(grant, sandbox) {
            Some(text) => format!("  {grant}\n    {text}"),
            None => format!("  {grant}"),
        })
        .collect();
    let failed =
        |error: &dyn std::error::Error| Failure::new(Code::Machine, format!("cannot ask: {error}"));
    // Apart from the question, which is drawn anew with each key and has to
    // fit into a line for that.
    writeln!(
        io::stderr(),
        "{} {} asks for:\n{}",
        project.manifest.id,
        project.manifest.version,
        lines.join("\n")
    )
    .map_err(|error| failed(&error))?;
    let answer = Select::with_theme(&ColorfulTheme::default())
        .with_prompt("Allow it?")
        .items(["no", "once, for this run", "always, for this build of it"])
        .default(0)
        .interact_opt()
        .map_err(|error| failed(&error))?;
    Ok(match answer {
        Some(1) => Answer::Once,
        Some(2) => Answer::Always,
        _ => Answer::No,
    })
}

/// What whoever is asked for a grant should know of it.
fn beware(grant: &Grant, sandbox: Option<&Sandbox>) -> Option<String> {
    match grant {
        Grant::Process { program, .. } => {
            let sandbox = sandbox?;
            let code = session::arbitrary_code(sandbox, program.as_str())?;
            Some(code.on_host(sandbox.confinement()))
        }
        other => Some(other.effect()),
    }
}

fn print(outcome: Outcome, output: Output) -> Done {
    let (name, bytes) = match &outcome {
        Outcome::Continue(payload) => ("continue", payload.as_deref().unwrap_or_default()),
        Outcome::Final(payload) => ("final", payload.as_slice()),
        Outcome::Deny(reason) => {
            return Err(Failure::new(
                Code::Capsule,
                format!("the capsule denied: {reason}"),
            ));
        }
        Outcome::UnknownAction(action) => {
            return Err(Failure::new(
                Code::Input,
                format!("the capsule knows no action `{action}`"),
            ));
        }
        Outcome::InvalidPayload(reason) => {
            return Err(Failure::new(
                Code::Input,
                format!("the capsule cannot use the payload: {reason}"),
            ));
        }
        Outcome::Failed(reason) => {
            return Err(Failure::new(
                Code::Capsule,
                format!("the capsule failed: {reason}"),
            ));
        }
    };
    match output {
        Output::Text => report::result(bytes),
        Output::Json => report::json(&serde_json::json!({
            "outcome": name,
            "payload": payload_json(bytes),
        })),
    }
}

/// A payload inside a JSON result: JSON as itself, text as a string, other
/// bytes as a list of numbers.
fn payload_json(bytes: &[u8]) -> serde_json::Value {
    if bytes.is_empty() {
        return serde_json::Value::Null;
    }
    serde_json::from_slice(bytes).unwrap_or_else(|_| match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => bytes.into(),
    })
}

impl Run {
    /// A run of a capsule with nothing else given.
    pub(crate) fn of(capsule: PathBuf) -> Self {
        Self {
            capsule,
            action: None,
            payload: None,
            payload_file: None,
            workspace: None,
            allow: Vec::new(),
            config: Vec::new(),
            principal: None,
            call_id: None,
            time_ms: None,
            log_level: Level::Info,
            log_format: LogFormat::Auto,
        }
    }
}

impl From<Level> for LogLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Trace => Self::Trace,
            Level::Debug => Self::Debug,
            Level::Info => Self::Info,
            Level::Warn => Self::Warn,
            Level::Error => Self::Error,
        }
    }
}
