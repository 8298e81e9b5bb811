//! Says why git failed where its data is read-only: git's own words are that the
//! file system is, and nothing of what would change that.

use std::path::Path;

use super::output::ExitStatus;
use super::owner::RunContext;
use crate::policy::{AuthorizedCommand, Confinement, WorkspaceAccess};

/// Git under way in a workspace whose git data is kept from it; nothing for any
/// other command.
#[derive(Debug)]
pub(super) struct GitRefused(Option<Box<str>>);

impl GitRefused {
    pub(super) fn of(command: &AuthorizedCommand, context: &RunContext) -> Self {
        let git = command.program().file_name() == Path::new("git").file_name();
        let kept = command.access().workspace == WorkspaceAccess::ReadWrite
            && command.confinement() == Confinement::Sandboxed;
        Self((git && kept).then(|| context.owner.capsule.as_str().into()))
    }

    /// Leaves a line in the log when it failed: 1 is what git's comparisons end with.
    pub(super) fn tell(self, status: &ExitStatus) {
        let (Some(capsule), ExitStatus::Code(code @ 2..)) = (self.0, status) else {
            return;
        };
        tracing::warn!(
            capsule = &*capsule,
            code,
            "git failed where its own data is read-only to processes; if that is why, have the \
             manifest ask for workspace = \"read-write-git\" and grant it workspace:git, which \
             lets the capsule run code on the host"
        );
    }
}
