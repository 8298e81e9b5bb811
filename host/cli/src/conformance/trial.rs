//! One case on one host: set up, step by step, and what is left.

mod operation;

use std::collections::HashMap;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::time::{Duration, Instant};

use boll_host::Digest;
use serde_json::{Map, Value, json};

use super::case::reach::OUTSIDE;
use super::case::{Action, CapsuleOfCase, Case, RunnerAction, Step};
use super::effects;
use super::ground::Ground;
use super::host::{Host, HostError};
use super::protocol::{HostReply, Operation};
use super::suite::CaseFolder;
use crate::beneath::Beneath;
use crate::cases::pattern::Pattern;
use crate::interrupt::told;

/// The outcome of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CaseOutcome {
    /// Everything was as the case expects.
    Passed,
    /// Something was not; the text says what.
    Failed(String),
    /// The host does not do this.
    Unsupported(String),
}

/// Why a case did not reach its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum TrialError {
    /// Something was not as expected.
    #[error("{0}")]
    Unexpected(String),
    /// The host does not do this.
    #[error("{0}")]
    Unsupported(String),
    /// The suite's own files.
    #[error("the case cannot be set up: {0}")]
    Setup(String),
    /// The host's process cannot be used any more.
    #[error(transparent)]
    Host(#[from] HostError),
}

/// A case that is running.
struct Trial<'a> {
    folder: &'a CaseFolder,
    case: Case,
    host: &'a mut Host,
    ground: Ground,
    marker: String,
    /// Listens on `${port}` as long as the case runs.
    _service: TcpListener,
    /// Requests that are not answered yet, and what they usually give, by the names
    /// of their steps.
    going_on: HashMap<String, (u64, Pattern)>,
}

/// Runs a case. After an error, the host's process cannot be used any more.
pub(super) fn run(folder: &CaseFolder, host: &mut Host) -> Result<CaseOutcome, HostError> {
    match try_run(folder, host) {
        Ok(()) => Ok(CaseOutcome::Passed),
        Err(TrialError::Unsupported(text)) => Ok(CaseOutcome::Unsupported(text)),
        Err(TrialError::Host(error)) => Err(error),
        Err(error) => Ok(CaseOutcome::Failed(error.to_string())),
    }
}

fn try_run(folder: &CaseFolder, host: &mut Host) -> Result<(), TrialError> {
    let setup = |error: std::io::Error| TrialError::Setup(error.to_string());
    let ground = Ground::make().map_err(setup)?;
    let marker = marker(ground.workspace());
    // A service of this machine that a process without the network does not reach.
    let service = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(setup)?;
    let port = service.local_addr().map_err(setup)?.port().to_string();
    let case = folder
        .case(&[
            ("marker", &marker),
            ("port", &port),
            (OUTSIDE, &ground.outside()),
        ])
        .map_err(|error| TrialError::Setup(error.message().to_owned()))?;
    for interface in case.interfaces() {
        if !host.implements(interface) {
            return Err(TrialError::Unsupported(interface.to_owned()));
        }
    }
    for file in &case.workspace {
        ground.place(file).map_err(setup)?;
    }
    let mut trial = Trial {
        folder,
        case,
        host,
        ground,
        marker,
        _service: service,
        going_on: HashMap::new(),
    };
    trial.host.forget_log();
    let done = trial.steps();
    if let Err(TrialError::Host(error)) = done {
        return Err(error.into());
    }
    // Whatever came before: the host is to be empty for the next case.
    match trial.ask(Operation::Close) {
        // What went wrong before matters less than that it is gone.
        Err(TrialError::Host(error)) => return Err(error.into()),
        closed => {
            done?;
            closed?;
        }
    }
    trial.effects()
}

impl Trial<'_> {
    fn steps(&mut self) -> Result<(), TrialError> {
        self.ask(Operation::Open {
            workspace: self.ground.workspace().to_owned(),
            settings: self.case.host.clone(),
        })?;
        for capsule in self.case.capsules.clone() {
            if !capsule.later {
                let what = format!("load {}", capsule.manifest);
                let found = self.load(&capsule)?;
                expect(&what, &loaded(), &found)?;
            }
        }
        for (index, step) in self.case.steps.clone().iter().enumerate() {
            let what = format!("step {} ({})", index + 1, step.word);
            self.step(&what, step)?;
        }
        Ok(())
    }

    fn step(&mut self, what: &str, step: &Step) -> Result<(), TrialError> {
        if let Action::Runner(action) = &step.action {
            match action {
                RunnerAction::Finish { of } => {
                    let (id, usual) = self.going_on.remove(of).ok_or_else(|| {
                        TrialError::Setup(format!("no step goes on under the name `{of}`"))
                    })?;
                    let found = result(self.host.answer(id)?)?;
                    return expect(what, step.expect.as_ref().unwrap_or(&usual), &found);
                }
                RunnerAction::AwaitLog {
                    message,
                    capsule,
                    call_id,
                } => {
                    let is_it = |line: &Map<String, Value>| {
                        let has = |key: &str, wanted: &Option<String>| match wanted {
                            Some(wanted) => line.get(key) == Some(&wanted.as_str().into()),
                            None => true,
                        };
                        line.get("message") == Some(&message.as_str().into())
                            && has("capsule", capsule)
                            && has("call-id", call_id)
                    };
                    let wanted = format!("a log line `{message}`");
                    return Ok(self.host.await_log(wanted, is_it)?);
                }
                RunnerAction::AwaitFile { path } => {
                    let (folder, path) = self.at(path)?;
                    return eventually(what, "the file is there", || folder.is_there(path));
                }
                RunnerAction::Processes { there } => {
                    let there = *there;
                    return eventually(what, "processes are as expected", || {
                        effects::is_running(&self.marker) == there
                    });
                }
                RunnerAction::Remove { path } => {
                    let (folder, path) = self.at(path)?;
                    let removed = folder.remove(path);
                    return removed.map_err(|error| TrialError::Setup(error.to_string()));
                }
                RunnerAction::Load { .. } => {}
            }
        }
        let operation = self.operation(step)?;
        if let Some(going_on) = &step.name {
            let id = self.host.send(operation)?;
            let usual = usual(&step.action);
            self.going_on.insert(going_on.clone(), (id, usual));
            return Ok(());
        }
        let found = self.ask(operation)?;
        let usual = usual(&step.action);
        expect(what, step.expect.as_ref().unwrap_or(&usual), &found)
    }

    /// Returns the place of a file of the case.
    fn at<'a>(&self, name: &'a str) -> Result<(&Beneath, &'a Path), TrialError> {
        let at = self.ground.at(name);
        at.map_err(|error| TrialError::Setup(error.to_string()))
    }

    fn load(&mut self, capsule: &CapsuleOfCase) -> Result<Value, TrialError> {
        let operation = self.load_operation(capsule)?;
        self.ask(operation)
    }

    fn ask(&mut self, operation: Operation) -> Result<Value, TrialError> {
        result(self.host.ask(operation)?)
    }

    /// Checks the effects outside of the guest, after everything has ended.
    fn effects(&self) -> Result<(), TrialError> {
        let found = effects::check(&self.case.effects, &self.ground, self.host.log());
        found.map_err(TrialError::Unexpected)?;
        eventually("the end", "no process of the case is left", || {
            !effects::is_running(&self.marker)
        })?;
        let left = self.ground.left();
        match left.map_err(|error| TrialError::Setup(error.to_string()))? {
            None => Ok(()),
            Some(file) => Err(TrialError::Unexpected(format!(
                "something was written outside of the workspace: {file}"
            ))),
        }
    }
}

/// Returns the usual result of a step that succeeds, if there is one.
fn usual(action: &Action) -> Pattern {
    match action {
        Action::Runner(RunnerAction::Load { .. }) => loaded(),
        Action::Host(Operation::Unload { .. }) => Pattern::of(json!({"unloaded": true})),
        Action::Host(Operation::Grant { .. }) => Pattern::of(json!({"granted": true})),
        Action::Host(Operation::RunCase { .. }) => Pattern::of(json!({"case": "passed"})),
        Action::Host(Operation::Cancel { .. }) => Pattern::of(json!({"cancelled": {"$not": 0}})),
        Action::Host(Operation::Await { state, .. }) => Pattern::of(json!({"state": state})),
        _ => Pattern::any(),
    }
}

fn loaded() -> Pattern {
    Pattern::of(json!({"loaded": {"$not": null}}))
}

fn result(answer: HostReply) -> Result<Value, TrialError> {
    match answer {
        HostReply::Result(value) => Ok(value),
        HostReply::Unsupported(text) => Err(TrialError::Unsupported(text)),
        HostReply::Fault(text) => Err(TrialError::Unexpected(format!("the host failed: {text}"))),
    }
}

fn expect(what: &str, pattern: &Pattern, found: &Value) -> Result<(), TrialError> {
    if pattern.matches(found) {
        return Ok(());
    }
    // What the guest says of itself is the best answer.
    let text = match found.get("case").and_then(Value::as_str) {
        Some("failed") => format!(
            "{what}: {}: expected {}, found {}",
            found["step"].as_str().unwrap_or_default(),
            found["expected"].as_str().unwrap_or_default(),
            found["found"].as_str().unwrap_or_default(),
        ),
        _ => format!("{what}: expected {pattern}, found {found}"),
    };
    Err(TrialError::Unexpected(text))
}

/// How long to wait for a condition to become true.
const EVENTUALLY: Duration = Duration::from_secs(10);

fn eventually(what: &str, so: &str, is_so: impl Fn() -> bool) -> Result<(), TrialError> {
    let end = Instant::now() + EVENTUALLY;
    while !is_so() {
        if Instant::now() > end || told().is_some() {
            return Err(TrialError::Unexpected(format!("{what}: not so: {so}")));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// Returns a number of seconds to sleep that no other process of this machine has in
/// its command line.
fn marker(workspace: &Path) -> String {
    let name = workspace.as_os_str().as_encoded_bytes();
    let hash = Digest::of(name).to_string();
    let digits: String = hash
        .bytes()
        .map(|byte| (b'0' + byte % 10) as char)
        .collect();
    format!("3600.{}", &digits[digits.len() - 30..])
}
