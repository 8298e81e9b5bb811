//! Checks whether a workspace may be given to capsules, by what they do with it.

use std::path::{Path, PathBuf};

use boll_host::policy::{FileAccess, Grant, GrantSet, Requests};

use crate::failure::Done;
use crate::operator::Operator;

/// Rejects a workspace that is not fit for what a capsule and its processes do with it.
/// Folders in it are judged one by one.
pub(crate) fn require_fit_workspace(
    requests: &Requests,
    grants: &GrantSet,
    workspace: &Path,
    protected: &[PathBuf],
    operator: &Operator,
) -> Done {
    if requests.processes.is_empty() {
        return Ok(());
    }
    let access = workspace_access(requests, grants);
    operator
        .judge_workspace(workspace, access, protected)
        .map_err(|unfit| operator.workspace_refusal(unfit, workspace))
}

/// Returns what processes do with the workspace.
pub(crate) fn workspace_access(requests: &Requests, grants: &GrantSet) -> FileAccess {
    let mut processes = requests.processes.iter();
    let asked = processes.any(|request| request.workspace.writes());
    if asked && grants.contains(&Grant::WorkspaceWrite) {
        FileAccess::ReadWrite
    } else {
        FileAccess::Read
    }
}
