//! The operations that a host is asked for in the steps of a case.

use serde_json::Value;

use super::{Trial, TrialError};
use crate::conformance::case::{Action, CapsuleOfCase, RunnerAction, Step};
use crate::conformance::protocol::{LoadOperation, Operation};
use crate::conformance::suite::CaseFolder;

impl Trial<'_> {
    /// Returns the operation of a step.
    pub(super) fn operation(&self, step: &Step) -> Result<Operation, TrialError> {
        let mut operation = match &step.action {
            Action::Host(operation) => operation.clone(),
            Action::Runner(RunnerAction::Load { manifest }) => {
                let mut capsules = self.case.capsules.iter();
                let capsule = capsules.find(|one| one.manifest == *manifest);
                let capsule = capsule.ok_or_else(|| TrialError::Setup(manifest.clone()))?;
                self.load_operation(capsule)?
            }
            Action::Runner(_) => {
                let text = format!("{} is no operation", step.word);
                return Err(TrialError::Setup(text));
            }
        };
        if let Operation::RunCase { capsule, .. }
        | Operation::Invoke { capsule, .. }
        | Operation::Held { capsule } = &mut operation
            && capsule.is_empty()
        {
            *capsule = self.first_capsule()?;
        }
        Ok(operation)
    }

    pub(super) fn load_operation(&self, capsule: &CapsuleOfCase) -> Result<Operation, TrialError> {
        let file = self.folder.folder.join(&capsule.manifest);
        Ok(Operation::Load(Box::new(LoadOperation {
            component: self.folder.component.clone(),
            manifest: read_manifest(self.folder, &capsule.manifest)?,
            manifest_file: file,
            grants: capsule.grants.clone(),
            config: capsule.config.clone(),
        })))
    }

    /// Returns the id of the capsule that is used if none is named.
    fn first_capsule(&self) -> Result<String, TrialError> {
        let first = self.case.capsules.first();
        let first = first.ok_or_else(|| TrialError::Setup("no capsule".to_owned()))?;
        let manifest = read_manifest(self.folder, &first.manifest)?;
        let id = manifest["capsule"]["id"].as_str();
        let nameless = || TrialError::Setup(format!("{} names no id", first.manifest));
        id.map(str::to_owned).ok_or_else(nameless)
    }
}

/// Reads a manifest of a case as JSON.
fn read_manifest(case: &CaseFolder, name: &str) -> Result<Value, TrialError> {
    let file = case.folder.join(name);
    let failed = |error: String| TrialError::Setup(format!("{}: {error}", file.display()));
    let text = case.text(name).map_err(|error| failed(error.to_string()))?;
    toml::from_str(&text).map_err(|error| failed(error.to_string()))
}
