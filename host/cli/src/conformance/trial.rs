//! One case on one host: set up, step by step, and what is left.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::case::{Action, CapsuleOfCase, Case, FileOfCase, Step};
use super::effects;
use super::host::{Host, HostError};
use super::pattern;
use super::protocol::{Answer, LoadOperation, Operation};
use super::suite::CaseFolder;

/// What came of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Everything was as the case expects.
    Passed,
    /// Something was not; the text says what.
    Failed(String),
    /// The host does not do this.
    Unsupported(String),
}

/// Why a case was not gone through to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum TrialError {
    /// Something was not as it is expected.
    #[error("{0}")]
    Unexpected(String),
    /// The host does not do this.
    #[error("{0}")]
    Unsupported(String),
    /// The suite's own files.
    #[error("the case cannot be set up: {0}")]
    Setup(String),
    /// The host's process is of no more use.
    #[error("{0}")]
    Host(#[from] HostError),
}

/// A case that is being gone through.
struct Trial<'a> {
    folder: &'a CaseFolder,
    case: Case,
    host: &'a mut Host,
    workspace: TempDir,
    outside: TempDir,
    marker: String,
    /// Requests that are not answered yet, and what they usually give, by the names
    /// of their steps.
    going_on: HashMap<String, (u64, Option<Value>)>,
}

/// Goes through a case. The host's process is of no more use after an error of
/// its own.
pub(super) fn run(folder: &CaseFolder, host: &mut Host) -> Result<Verdict, HostError> {
    match try_run(folder, host) {
        Ok(()) => Ok(Verdict::Passed),
        Err(TrialError::Unsupported(text)) => Ok(Verdict::Unsupported(text)),
        Err(TrialError::Host(error)) => Err(error),
        Err(error) => Ok(Verdict::Failed(error.to_string())),
    }
}

fn try_run(folder: &CaseFolder, host: &mut Host) -> Result<(), TrialError> {
    let setup = |error: std::io::Error| TrialError::Setup(error.to_string());
    let workspace = tempfile::tempdir().map_err(setup)?;
    let outside = tempfile::tempdir().map_err(setup)?;
    let marker = marker(&workspace);
    let case = folder
        .case(&[
            ("marker", &marker),
            ("outside", &outside.path().display().to_string()),
        ])
        .map_err(|error| TrialError::Setup(error.message().to_owned()))?;
    for interface in case.interfaces() {
        if !host.implements(interface) {
            return Err(TrialError::Unsupported(interface.to_owned()));
        }
    }
    for file in &case.workspace {
        place(workspace.path(), file).map_err(setup)?;
    }
    let mut trial = Trial {
        folder,
        case,
        host,
        workspace,
        outside,
        marker,
        going_on: HashMap::new(),
    };
    trial.host.log.clear();
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
            workspace: self.workspace.path().to_owned(),
            settings: self.case.host.clone(),
        })?;
        for capsule in self.case.capsules.clone() {
            if !capsule.later {
                let what = format!("load {}", capsule.manifest);
                let found = self.load(&capsule)?;
                expect(&what, &json!({"loaded": {"$any": true}}), &found)?;
            }
        }
        for (index, step) in self.case.steps.clone().iter().enumerate() {
            let what = format!("step {} ({})", index + 1, step.action.name());
            self.step(&what, step)?;
        }
        Ok(())
    }

    fn step(&mut self, what: &str, step: &Step) -> Result<(), TrialError> {
        match &step.action {
            Action::Finish { of } => {
                let (id, usual) = self.going_on.remove(of).ok_or_else(|| {
                    TrialError::Setup(format!("no step goes on under the name `{of}`"))
                })?;
                let found = result(self.host.answer(id)?)?;
                let pattern = step.expect.clone().or(usual);
                return expect(what, &pattern.unwrap_or(json!({"$any": true})), &found);
            }
            Action::AwaitLog {
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
            Action::AwaitFile { path } => {
                let path = self.workspace.path().join(path);
                return eventually(what, "the file is there", || path.exists());
            }
            Action::Processes { there } => {
                let there = *there;
                return eventually(what, "processes are as expected", || {
                    effects::is_running(&self.marker) == there
                });
            }
            Action::Remove { path } => {
                let path = self.workspace.path().join(path);
                let removed = if path.is_dir() {
                    fs::remove_dir_all(&path)
                } else {
                    fs::remove_file(&path)
                };
                return removed.map_err(|error| TrialError::Setup(error.to_string()));
            }
            _ => {}
        }
        let operation = self.operation(&step.action)?;
        if let Some(going_on) = &step.name {
            let id = self.host.send(operation)?;
            let usual = usual(&step.action);
            self.going_on.insert(going_on.clone(), (id, usual));
            return Ok(());
        }
        let found = self.ask(operation)?;
        let pattern = step.expect.clone().or_else(|| usual(&step.action));
        expect(what, &pattern.unwrap_or(json!({"$any": true})), &found)
    }

    /// What a host is asked for a step.
    fn operation(&self, action: &Action) -> Result<Operation, TrialError> {
        let call = action.call();
        let capsule = |named: &Option<String>| match named {
            Some(capsule) => Ok(capsule.clone()),
            None => self.first_capsule(),
        };
        Ok(match action.clone() {
            Action::Load { manifest } => {
                let mut capsules = self.case.capsules.iter();
                let capsule = capsules.find(|one| one.manifest == manifest);
                let capsule = capsule.ok_or_else(|| TrialError::Setup(manifest.clone()))?;
                self.load_operation(capsule)?
            }
            Action::Unload { capsule } => Operation::Unload { capsule },
            Action::Grant { capsule, grants } => Operation::Grant { capsule, grants },
            Action::RunCase {
                capsule: named,
                name,
                ..
            } => Operation::RunCase {
                capsule: capsule(&named)?,
                name,
                call,
            },
            Action::Invoke {
                capsule: named,
                action,
                payload,
                ..
            } => Operation::Invoke {
                capsule: capsule(&named)?,
                action,
                payload,
                call,
            },
            Action::Trigger { topic, payload, .. } => Operation::Trigger {
                topic,
                payload,
                call,
            },
            Action::Intercept { topic, payload, .. } => Operation::Intercept {
                topic,
                payload,
                call,
            },
            Action::Cancel { call_id } => Operation::Cancel { call_id },
            Action::Held { capsule: named } => Operation::Held {
                capsule: capsule(&named)?,
            },
            Action::Await { capsule, state } => Operation::Await { capsule, state },
            other => {
                return Err(TrialError::Setup(format!(
                    "{} is no operation",
                    other.name()
                )));
            }
        })
    }

    fn load(&mut self, capsule: &CapsuleOfCase) -> Result<Value, TrialError> {
        let operation = self.load_operation(capsule)?;
        self.ask(operation)
    }

    fn load_operation(&self, capsule: &CapsuleOfCase) -> Result<Operation, TrialError> {
        let file = self.folder.folder.join(&capsule.manifest);
        Ok(Operation::Load(Box::new(LoadOperation {
            component: self.folder.component.clone(),
            manifest: read_manifest(&file)?,
            manifest_file: file,
            grants: capsule.grants.clone(),
            config: capsule.config.clone(),
        })))
    }

    /// The id of the capsule that is meant where none is named.
    fn first_capsule(&self) -> Result<String, TrialError> {
        let first = self.case.capsules.first();
        let first = first.ok_or_else(|| TrialError::Setup("no capsule".to_owned()))?;
        let manifest = read_manifest(&self.folder.folder.join(&first.manifest))?;
        let id = manifest["capsule"]["id"].as_str();
        let nameless = || TrialError::Setup(format!("{} names no id", first.manifest));
        id.map(str::to_owned).ok_or_else(nameless)
    }

    fn ask(&mut self, operation: Operation) -> Result<Value, TrialError> {
        result(self.host.ask(operation)?)
    }

    /// What is to be seen outside, now that everything has ended.
    fn effects(&self) -> Result<(), TrialError> {
        let found = effects::check(&self.case.effects, self.workspace.path(), &self.host.log);
        found.map_err(TrialError::Unexpected)?;
        eventually("the end", "no process of the case is left", || {
            !effects::is_running(&self.marker)
        })?;
        let left = fs::read_dir(self.outside.path()).into_iter().flatten();
        match left.flatten().next() {
            None => Ok(()),
            Some(file) => Err(TrialError::Unexpected(format!(
                "something was written outside of the workspace: {}",
                file.path().display()
            ))),
        }
    }
}

impl Drop for Trial<'_> {
    /// A folder that nobody may enter could not be removed with the workspace.
    fn drop(&mut self) {
        for file in self
            .case
            .workspace
            .iter()
            .filter(|file| file.mode.is_some())
        {
            let path = self.workspace.path().join(&file.path);
            // It may be gone.
            let _ = fs::set_permissions(path, fs::Permissions::from_mode(0o755));
        }
    }
}

/// What a step gives when it goes well, where that is known.
fn usual(action: &Action) -> Option<Value> {
    Some(match action {
        Action::Load { .. } => json!({"loaded": {"$any": true}}),
        Action::Unload { .. } => json!({"unloaded": true}),
        Action::Grant { .. } => json!({"granted": true}),
        Action::RunCase { .. } => json!({"case": "passed"}),
        Action::Cancel { .. } => json!({"cancelled": {"$not": 0}}),
        Action::Await { state, .. } => json!({"state": state}),
        _ => return None,
    })
}

fn result(answer: Answer) -> Result<Value, TrialError> {
    match answer {
        Answer::Result(value) => Ok(value),
        Answer::Unsupported(text) => Err(TrialError::Unsupported(text)),
        Answer::Fault(text) => Err(TrialError::Unexpected(format!("the host failed: {text}"))),
    }
}

fn expect(what: &str, pattern: &Value, found: &Value) -> Result<(), TrialError> {
    if pattern::matches(pattern, found) {
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

/// How long is waited for what has to become so.
const EVENTUALLY: Duration = Duration::from_secs(10);

fn eventually(what: &str, so: &str, is_so: impl Fn() -> bool) -> Result<(), TrialError> {
    let end = Instant::now() + EVENTUALLY;
    while !is_so() {
        if Instant::now() > end {
            return Err(TrialError::Unexpected(format!("{what}: not so: {so}")));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(())
}

fn read_manifest(file: &Path) -> Result<Value, TrialError> {
    let failed = |error: String| TrialError::Setup(format!("{}: {error}", file.display()));
    let text = fs::read_to_string(file).map_err(|error| failed(error.to_string()))?;
    toml::from_str(&text).map_err(|error| failed(error.to_string()))
}

fn place(workspace: &Path, file: &FileOfCase) -> std::io::Result<()> {
    let path: PathBuf = workspace.join(&file.path);
    match &file.text {
        None => fs::create_dir_all(&path)?,
        Some(text) => {
            fs::create_dir_all(path.parent().unwrap_or(workspace))?;
            fs::write(&path, text)?;
        }
    }
    if let Some(mode) = &file.mode {
        let wrong = |_| std::io::Error::other(format!("`{mode}` is no mode"));
        let mode = u32::from_str_radix(mode, 8).map_err(wrong)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(mode))?;
    }
    Ok(())
}

/// A number of seconds to sleep that no other process of this machine has in
/// its command line.
fn marker(workspace: &TempDir) -> String {
    let name = workspace.path().as_os_str().as_encoded_bytes();
    let hash = boll_host::Digest::of(name).to_string();
    let digits: String = hash
        .bytes()
        .map(|byte| (b'0' + byte % 10) as char)
        .collect();
    format!("3600.{}", &digits[digits.len() - 30..])
}
