//! The manifests of a case, and its marker.

use std::path::Path;

use serde_json::Value;

use super::TrialError;
use crate::conformance::suite::CaseFolder;

/// Reads a manifest of a case as JSON.
pub(super) fn read_manifest(case: &CaseFolder, name: &str) -> Result<Value, TrialError> {
    let file = case.folder.join(name);
    let failed = |error: String| TrialError::Setup(format!("{}: {error}", file.display()));
    let text = case.text(name).map_err(|error| failed(error.to_string()))?;
    toml::from_str(&text).map_err(|error| failed(error.to_string()))
}

/// A number of seconds to sleep that no other process of this machine has in
/// its command line.
pub(super) fn marker(workspace: &Path) -> String {
    let name = workspace.as_os_str().as_encoded_bytes();
    let hash = boll_host::Digest::of(name).to_string();
    let digits: String = hash
        .bytes()
        .map(|byte| (b'0' + byte % 10) as char)
        .collect();
    format!("3600.{}", &digits[digits.len() - 30..])
}
