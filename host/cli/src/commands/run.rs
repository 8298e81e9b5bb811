//! `boll run`: one call to a capsule.

use std::path::PathBuf;

use boll_host::Outcome;
use boll_host::capsule::Manifest;

use super::one_among;
use crate::args::{Arguments, Run, SessionArgs};
use crate::failure::{Code, Done, Failure};
use crate::host::setup::{Around, Setup};
use crate::operator::Operator;
use crate::output::Output;
use crate::payload;
use crate::project::Project;
use crate::report::{self, reporter::Reporter};

pub(crate) fn run(run: &Run, arguments: &Arguments, reporter: &Reporter) -> Done {
    let project = Project::open(&run.capsule)?;
    let operator = Operator::read(arguments.policy.as_deref(), &arguments.expose)?;
    call(project, operator, run, arguments, reporter)
}

/// Grants, loads, calls, and prints the reply.
pub(crate) fn call(
    project: Project,
    mut operator: Operator,
    run: &Run,
    arguments: &Arguments,
    reporter: &Reporter,
) -> Done {
    let action = action(&project, run)?;
    let actions = actions(&project.manifest);
    let payload = payload::read(&run.session.call)?;
    let capsules = one_among(project, &run.session.with)?;
    let around = Around {
        operator: &mut operator,
        host: &run.session.host,
        config: &run.session.config,
        reporter,
    };
    let host = Setup::prepare(capsules, around)?.ask()?.build()?;
    let outcome = host.run(async |runtime, capsules| {
        let (id, options) = (capsules[0].wanted.id(), run.session.call.options());
        Ok(runtime.invoke(id, &action, payload, options).await?)
    })?;
    let unknown = matches!(outcome, Outcome::UnknownAction(_));
    let reply = reply(outcome).map_err(|failure| match unknown {
        true => failure.hint(actions),
        false => failure,
    })?;
    match arguments.output {
        Output::Text => report::reply(&reply.1, run.session.call.raw),
        Output::Json => report::json(&json(reply)),
    }
}

fn action(project: &Project, run: &Run) -> Done<String> {
    let manifest = &project.manifest;
    if let Some(action) = &run.action {
        return Ok(action.clone());
    }
    if let Some(action) = manifest.default_action() {
        return Ok(action.name.clone());
    }
    let text = format!("{} has no default action: name one", manifest.id);
    Err(Failure::new(Code::Input, text).hint(actions(manifest)))
}

/// Returns which actions a manifest lists.
fn actions(manifest: &Manifest) -> String {
    if manifest.actions.is_empty() {
        return "the manifest lists no [[action]]".to_owned();
    }
    let names = manifest.actions.iter().map(|action| action.name.as_str());
    format!("it has: {}", names.collect::<Vec<_>>().join(", "))
}

/// Returns the kind of a reply and its payload; other outcomes are failures.
pub(super) fn reply(outcome: Outcome) -> Done<(&'static str, Vec<u8>)> {
    let (code, reason) = match outcome {
        Outcome::Continue(payload) => return Ok(("continue", payload.unwrap_or_default())),
        Outcome::Final(payload) => return Ok(("final", payload)),
        Outcome::Deny(reason) => (Code::Capsule, format!("the capsule denied: {reason}")),
        Outcome::UnknownAction(action) => (
            Code::Input,
            format!("the capsule knows no action `{action}`"),
        ),
        Outcome::InvalidPayload(reason) => (
            Code::Input,
            format!("the capsule cannot use the payload: {reason}"),
        ),
        Outcome::Failed(reason) => (Code::Capsule, format!("the capsule failed: {reason}")),
    };
    Err(Failure::new(code, reason))
}

/// Returns a reply as a JSON value.
pub(super) fn json((kind, payload): (&str, Vec<u8>)) -> serde_json::Value {
    serde_json::json!({ "outcome": kind, "payload": payload::json(&payload) })
}

impl Run {
    /// Returns a run of a capsule with nothing else given.
    pub(crate) fn of(capsule: PathBuf) -> Self {
        Self {
            capsule,
            action: None,
            session: SessionArgs::default(),
        }
    }
}
