//! What a host is asked for the steps of a case.

use super::place::read_manifest;
use super::{Trial, TrialError};
use crate::conformance::case::{Action, CapsuleOfCase};
use crate::conformance::protocol::{LoadOperation, Operation};

impl Trial<'_> {
    /// What a host is asked for a step.
    pub(super) fn operation(&self, action: &Action) -> Result<Operation, TrialError> {
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

    pub(super) fn load_operation(&self, capsule: &CapsuleOfCase) -> Result<Operation, TrialError> {
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
}
