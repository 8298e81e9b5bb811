//! Where a case happens: the files of its workspace, its manifests, its marker.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use super::TrialError;
use crate::conformance::case::FileOfCase;
use crate::foreign;

/// Reads a manifest as JSON.
pub(super) fn read_manifest(file: &Path) -> Result<Value, TrialError> {
    let failed = |error: String| TrialError::Setup(format!("{}: {error}", file.display()));
    let text = foreign::text(file).map_err(|error| failed(error.to_string()))?;
    toml::from_str(&text).map_err(|error| failed(error.to_string()))
}

/// Puts a file or folder into a workspace.
pub(super) fn place(workspace: &Path, file: &FileOfCase) -> std::io::Result<()> {
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
pub(super) fn marker(workspace: &TempDir) -> String {
    let name = workspace.path().as_os_str().as_encoded_bytes();
    let hash = boll_host::Digest::of(name).to_string();
    let digits: String = hash
        .bytes()
        .map(|byte| (b'0' + byte % 10) as char)
        .collect();
    format!("3600.{}", &digits[digits.len() - 30..])
}
