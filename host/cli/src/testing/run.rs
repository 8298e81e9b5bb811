//! Runs one case, with a workspace and a runtime of its own.

use std::path::Path;
use std::time::Instant;

use boll_host::capsule::{CapsuleId, Manifest};
use boll_host::policy::{Confinement, GrantSet, Permissions, Topic};
use boll_host::sandbox::{Sandbox, Script};
use boll_host::services::hook::AnswerOutcome;
use boll_host::services::log::{LogLevel, LogSettings};
use boll_host::{CallOptions, Load, Runtime, RuntimeBuilder};

use super::case::{Called, Case};
use super::cases::Written;
use super::coverage::Used;
use super::difference::Difference;
use super::ending::{self, Found, Way};
use super::fixtures::Fixtures;
use super::folders::Folders;
use super::record::Recorder;
use super::{Label, ProcessMode, Ran, judge, process};
use crate::beneath::Beneath;
use crate::failure::{Code, Done, Failure, OrFail as _};
use crate::operator::Operator;
use crate::session;

/// The parts that all cases have in common.
pub(crate) struct Bench {
    manifest: Manifest,
    /// The capsule's folder.
    capsule: Beneath,
    component: Vec<u8>,
    /// Whether processes are real where a case does not say.
    mode: ProcessMode,
    operator: Operator,
}

impl Bench {
    pub(crate) fn new(
        mut manifest: Manifest,
        capsule: Beneath,
        component: Vec<u8>,
        mode: ProcessMode,
        operator: Operator,
    ) -> Self {
        // Scripts stand for what is around it.
        manifest.requires.clear();
        Self {
            manifest,
            capsule,
            component,
            mode,
            operator,
        }
    }

    /// Runs a case to its end.
    pub(crate) async fn run(&self, written: &Written, used: &mut Used) -> Done<Ran> {
        let case = self.open(written)?;
        let Label { name, file, line } = &written.label;
        let folders = Folders::make(&case, &self.manifest, &self.capsule);
        let folders = folders.or_fail(Code::Input, || {
            format!("{file}:{line}: cannot make the folders of the case {name}")
        })?;
        let mode = case.mode.unwrap_or(self.mode);
        let (record, script) = (Recorder::default(), case.processes.script());
        let (subscriptions, asked): (Vec<_>, Vec<_>) = case
            .hooks
            .iter()
            .map(|hook| hook.subscription(&record))
            .unzip();
        let mut builder = builder(&record, &folders)?;
        builder = self.with_processes(builder, mode, &script, &folders)?;
        for subscription in subscriptions {
            builder = builder.subscription(subscription);
        }
        let runtime = session::build(builder)?;
        let load = self.load(&case, &folders)?;
        let loaded = runtime.load(load).await;
        let began = Instant::now();
        let found = match loaded {
            Ok(id) => self.call(&runtime, &id, &case, used).await,
            Err(error) => Found::nothing(Failure::from(error).message()),
        };
        let time = began.elapsed();
        // It writes the log, and ends what is left.
        runtime.shut_down().await;
        drop(folders);
        let notes = record.take();
        used.requests.extend(notes.used);
        let ending = ending::difference(case.expect.ending.as_ref(), &found);
        let mut differences: Vec<Difference> = ending.into_iter().collect();
        let others = judge::differences(&case.expect, &notes.refused, &notes.log);
        differences.extend(others);
        differences.extend(notes.differences);
        if mode == ProcessMode::Scripted {
            differences.extend(process::differences(&script));
        }
        differences.extend(asked.iter().filter_map(|asked| asked.never()));
        Ok(Ran {
            case: written.label.clone(),
            mode,
            differences: differences.into_iter().map(Difference::shortened).collect(),
            time,
            log: notes.log,
        })
    }

    /// Reads the files that a case names.
    fn open(&self, written: &Written) -> Done<Case> {
        let judge = |path: &Path| self.operator.refusal_to_copy(path);
        let fixtures = Fixtures::read(&self.capsule, &judge);
        Ok(written.open(&self.manifest, &fixtures)?)
    }

    fn load(&self, case: &Case, folders: &Folders) -> Done<Load> {
        let grants = folders.grants(case, &self.manifest);
        let grants = grants.or_fail(Code::Machine, || {
            "the folder for temporary files cannot be used".to_owned()
        })?;
        let load = Load::new(self.manifest.clone(), self.component.clone());
        Ok(load.grants(grants).config(case.config.iter().cloned()))
    }

    fn with_processes(
        &self,
        builder: RuntimeBuilder,
        mode: ProcessMode,
        script: &Script,
        folders: &Folders,
    ) -> Done<RuntimeBuilder> {
        let sandbox = match mode {
            ProcessMode::Scripted => {
                Sandbox::scripted(folders.workspace(), script.clone()).or_code(Code::Machine)?
            }
            ProcessMode::Real if self.manifest.requests.processes.is_empty() => return Ok(builder),
            ProcessMode::Real => session::sandbox(&folders.workspace(), &self.operator, &[])?,
        };
        if sandbox.confinement() == Confinement::Unconfined {
            let text =
                "the operator's file turns the sandbox off: no case runs processes without one";
            return Err(Failure::new(Code::Machine, text));
        }
        session::require_working(&sandbox)?;
        Ok(builder
            .sandbox(sandbox)
            .processes(self.operator.processes()))
    }

    async fn call(&self, runtime: &Runtime, id: &CapsuleId, case: &Case, used: &mut Used) -> Found {
        let options = CallOptions {
            principal: case.principal.as_deref().map(Into::into),
            call_id: None,
            time: Some(case.time),
        };
        let payload = case.payload.clone();
        match &case.call {
            Called::Action(action) => {
                used.actions.insert(action.clone());
                let outcome = runtime.invoke(id, action, payload, options).await;
                outcome.map_or_else(Found::from, Found::from)
            }
            Called::Topic { topic, action } => {
                let answers = runtime.trigger(&topic.to_string(), payload, options).await;
                let answers = match answers {
                    Ok(answers) => answers,
                    Err(error) => return Found::nothing(error.to_string()),
                };
                let meant = answers.into_iter().find(|answer| {
                    let fits = action
                        .as_ref()
                        .is_none_or(|action| answer.action == *action);
                    answer.capsule == *id && fits
                });
                let Some(answer) = meant else {
                    return Found::nothing(self.untold(topic, action.as_deref()));
                };
                used.actions.insert(answer.action);
                match answer.outcome {
                    AnswerOutcome::Answered(outcome) => outcome.into(),
                    AnswerOutcome::Crashed(reason) => Found::new(Way::Trapped, reason),
                    AnswerOutcome::TimedOut => Found::new(Way::TimedOut, ""),
                    AnswerOutcome::Cancelled => Found::nothing("it was cancelled"),
                    AnswerOutcome::Busy => Found::nothing("it was busy"),
                    AnswerOutcome::Recursion => Found::nothing("it waits already"),
                }
            }
        }
    }

    /// Returns why the capsule was not notified of a topic.
    fn untold(&self, topic: &Topic, action: Option<&str>) -> String {
        let nothing = GrantSet::default();
        let permissions = Permissions::new(&self.manifest.requests, &nothing);
        let decision = permissions.decide_subscribing(topic);
        match (decision.request(), action) {
            (None, _) => format!("the manifest has no [[hook]] for the topic {topic}"),
            (Some(_), None) => format!("the case does not grant subscribe:{topic}"),
            (Some(_), Some(action)) => {
                format!("no [[hook]] of the manifest that is granted calls `{action}` for {topic}")
            }
        }
    }
}

/// Returns a runtime whose events are all recorded.
fn builder(record: &Recorder, folders: &Folders) -> Done<RuntimeBuilder> {
    let log = LogSettings {
        level: LogLevel::Trace,
        ..LogSettings::default()
    };
    let builder = session::builder(log, record.clone())?;
    Ok(builder
        .audit(record.clone())
        .workspace(folders.workspace())
        .records(folders.records()))
}
