//! `boll run`: one call to a capsule.

use std::path::PathBuf;

use boll_host::Outcome;
use boll_host::capsule::Manifest;
use clap::Args;
use serde::Serialize;

use super::{Verb, one_among};
use crate::args::{App, HostArgs, SessionArgs};
use crate::complete;
use crate::failure::{Code, Done, Failure};
use crate::host::setup::set_up;
use crate::operator::Operator;
use crate::payload::{self, Shown};
use crate::project::Project;
use crate::report;

/// Run a capsule: build it if it is stale, call an action, print the reply
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The capsule's folder, or its Capsule.toml
    #[arg(add = complete::capsule())]
    capsule: PathBuf,

    /// The action to call [default: the manifest's default action]
    #[arg(add = complete::action())]
    action: Option<String>,

    #[command(flatten)]
    pub(super) session: SessionArgs,
}

impl Verb for Run {
    fn host(&self) -> Option<&HostArgs> {
        Some(&self.session.host)
    }

    fn run(&self, app: &App) -> Done {
        self.call(Project::open(&self.capsule)?, app.operator()?, app)
    }
}

impl Run {
    /// Returns a run of a capsule with nothing else given.
    pub(super) fn of(capsule: PathBuf) -> Self {
        Self {
            capsule,
            action: None,
            session: SessionArgs::default(),
        }
    }

    /// Grants, loads, calls, and prints the reply.
    pub(super) fn call(&self, project: Project, mut operator: Operator, app: &App) -> Done {
        let SessionArgs {
            with,
            config,
            call,
            host,
        } = &self.session;
        let action = self.action(&project.manifest)?;
        let actions = actions(&project.manifest);
        let payload = payload::read(call)?;
        let capsules = one_among(project, with)?;
        let host = set_up(capsules, &mut operator, host, config, &app.reporter)?;
        let outcome = host.run(async |runtime, capsules| {
            let id = capsules[0].wanted.id();
            Ok(runtime.invoke(id, &action, payload, call.options()).await?)
        })?;
        let unknown = matches!(outcome, Outcome::UnknownAction(_));
        let reply = reply(outcome).map_err(|failure| match unknown {
            true => failure.hint(actions),
            false => failure,
        })?;
        if app.is_json() {
            report::json(&json(reply))
        } else {
            report::reply(&reply.1, call.raw)
        }
    }

    fn action(&self, manifest: &Manifest) -> Done<String> {
        let default = || Some(manifest.default_action()?.name.clone());
        self.action.clone().or_else(default).ok_or_else(|| {
            let text = format!("{} has no default action: name one", manifest.id);
            Failure::new(Code::Input, text).hint(actions(manifest))
        })
    }
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

/// A reply as JSON.
#[derive(Debug, Serialize)]
pub(super) struct Reply {
    outcome: &'static str,
    #[serde(flatten)]
    payload: Shown,
}

/// Returns a reply as it is shown as JSON.
pub(super) fn json((outcome, payload): (&'static str, Vec<u8>)) -> Reply {
    Reply {
        outcome,
        payload: Shown::of(&payload),
    }
}
