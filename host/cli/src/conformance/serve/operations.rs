//! Carries out each operation of a case on Boll.

use std::path::Path;

use boll_host::capsule::{CapsuleId, CapsuleState, Manifest};
use boll_host::policy::GrantSet;
use boll_host::{Load, LoadCause, Runtime};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::call;
use super::settings;
use crate::conformance::protocol::{HostReply, LoadOperation, Operation};
use crate::foreign;

/// A case that is open.
pub(super) struct Opened {
    runtime: Runtime,
    /// Where it remembers what was installed.
    _records: TempDir,
}

/// Begins a case.
pub(super) fn open(workspace: &Path, settings: Map<String, Value>) -> Result<Opened, HostReply> {
    let records = tempfile::tempdir().map_err(HostReply::fault)?;
    let builder = settings::builder(workspace, records.path(), settings)?;
    let runtime = builder.build().map_err(HostReply::fault)?;
    Ok(Opened {
        runtime,
        _records: records,
    })
}

impl Opened {
    /// Ends everything.
    pub(super) async fn close(&self) {
        self.runtime.shut_down().await;
    }

    pub(super) async fn answer(&self, operation: Operation) -> HostReply {
        match self.try_answer(operation).await {
            Ok(result) => HostReply::Result(result),
            Err(answer) => answer,
        }
    }

    async fn try_answer(&self, operation: Operation) -> Result<Value, HostReply> {
        let runtime = &self.runtime;
        Ok(match operation {
            Operation::Load(load) => self.load(*load).await?,
            Operation::Unload { capsule } => json!({"unloaded": runtime.unload(&id(&capsule)?)}),
            Operation::Grant { capsule, grants } => {
                let grants = parse_grants(&grants)?;
                json!({"granted": runtime.set_grants(&id(&capsule)?, &grants)})
            }
            Operation::RunCase {
                capsule,
                name,
                call,
            } => {
                // The contract's own way into a capsule, which a guest of the
                // suite has for its cases too.
                let (id, payload) = (id(&capsule)?, name.into_bytes());
                let called = runtime.invoke(&id, "run-case", payload, call::options(call));
                call::case(called.await)
            }
            Operation::Invoke {
                capsule,
                action,
                payload,
                call,
            } => {
                let (id, payload) = (id(&capsule)?, payload.into_bytes());
                let called = runtime.invoke(&id, &action, payload, call::options(call));
                call::reply(called.await)
            }
            Operation::Trigger {
                topic,
                payload,
                call,
            } => {
                let payload = payload.into_bytes();
                call::answers(runtime.trigger(&topic, payload, call::options(call)).await)
            }
            Operation::Intercept {
                topic,
                payload,
                call,
            } => {
                let payload = payload.into_bytes();
                call::verdict(
                    runtime
                        .intercept(&topic, payload, call::options(call))
                        .await,
                )
            }
            Operation::Cancel { call_id } => {
                json!({"cancelled": runtime.cancel([call_id.as_str()])})
            }
            Operation::Held { capsule } => {
                let held = runtime.held(&id(&capsule)?).unwrap_or_default();
                let held = held.iter();
                let held: Vec<Value> = held
                    .map(|held| json!({"name": held.name, "scope": held.scope}))
                    .collect();
                json!({"held": held})
            }
            Operation::Await { capsule, state } => {
                let watched = runtime.watch(&id(&capsule)?);
                let mut watched = watched
                    .ok_or_else(|| HostReply::Fault(format!("no capsule `{capsule}` is loaded")))?;
                let reached = watched.wait_for(|now| word(now) == state).await;
                json!({"state": word(reached)})
            }
            Operation::Hello { .. } | Operation::Open { .. } | Operation::Close => {
                return Err(HostReply::Fault("no operation of an open case".to_owned()));
            }
        })
    }

    async fn load(&self, load: LoadOperation) -> Result<Value, HostReply> {
        let name = load.manifest_file.display().to_string();
        let text = foreign::text(&load.manifest_file).map_err(HostReply::fault)?;
        let manifest = Manifest::parse(&name, &text).map_err(HostReply::fault)?;
        let component = foreign::component(&load.component).map_err(HostReply::fault)?;
        let load = Load::new(manifest, component)
            .grants(parse_grants(&load.grants)?)
            .config(load.config);
        Ok(match self.runtime.load(load).await {
            Ok(id) => json!({"loaded": id.as_str()}),
            Err(error) => match error.cause {
                LoadCause::Refused(reason) => json!({"refused": reason}),
                cause => json!({"not-loaded": cause.to_string()}),
            },
        })
    }
}

/// A state as the protocol names it.
fn word(state: CapsuleState) -> String {
    state.as_str().replace(' ', "-")
}

fn id(text: &str) -> Result<CapsuleId, HostReply> {
    text.parse()
        .map_err(|error| HostReply::Fault(format!("`{text}`: {error}")))
}

fn parse_grants(texts: &[String]) -> Result<GrantSet, HostReply> {
    let parse = |text: &String| {
        text.parse()
            .map_err(|error| HostReply::Fault(format!("the grant `{text}`: {error}")))
    };
    texts.iter().map(parse).collect()
}
