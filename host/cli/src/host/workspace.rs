//! Judges the folders that a capsule is given, by what it does with them.

use std::path::{Path, PathBuf};

use boll_host::policy::{FileAccess, Grant, GrantSet, Permissions, Requests};

use crate::failure::{Done, Failure};
use crate::operator::{Operator, Unfit};

/// The context that folders are judged in.
pub(crate) struct FolderJudge<'a> {
    pub(crate) operator: &'a Operator,
    pub(crate) workspace: &'a Path,
    /// Paths that nobody may write.
    pub(crate) protected: &'a [PathBuf],
}

impl FolderJudge<'_> {
    /// Judges the workspace for the processes of a capsule. The folders in it are judged one
    /// by one.
    pub(crate) fn workspace(&self, requests: &Requests, grants: &GrantSet) -> Result<(), Unfit> {
        if requests.processes.is_empty() {
            return Ok(());
        }
        let asked = requests.processes.iter().any(|one| one.workspace.writes());
        let access = match asked && grants.contains(&Grant::WorkspaceWrite) {
            true => FileAccess::ReadWrite,
            false => FileAccess::Read,
        };
        self.operator
            .judge_workspace(self.workspace, access, self.protected)
    }

    /// Rejects a workspace that is not fit for what the processes of a capsule do with it.
    pub(crate) fn require_workspace(&self, requests: &Requests, grants: &GrantSet) -> Done {
        let judged = self.workspace(requests, grants);
        judged.map_err(|unfit| self.refusal(unfit))
    }

    /// Rejects folders that are not fit for what a capsule does with them.
    pub(crate) fn require_folders(&self, requests: &Requests, grants: &GrantSet) -> Done {
        let permissions = Permissions::new(requests, grants);
        self.operator
            .check_folders(&permissions.folders(), self.workspace, self.protected)
    }

    /// Returns the error for a workspace that is not fit.
    pub(crate) fn refusal(&self, unfit: Unfit) -> Failure {
        self.operator.workspace_refusal(unfit, self.workspace)
    }
}
