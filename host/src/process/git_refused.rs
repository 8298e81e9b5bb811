//! Says why git failed where its data is read-only: git's own words are that the
//! file system is, and nothing of what would change that.

use std::path::Path;
use std::sync::Arc;

use super::git_words::{Refused, Seen, Watch};
use super::output::ExitStatus;
use super::owner::RunContext;
use super::pump::Streams;
use crate::policy::{AuthorizedCommand, Confinement, WorkspaceAccess};

/// A command under way in a workspace whose git data is kept from it; nothing for
/// any other.
#[derive(Debug)]
pub(super) struct GitRefused(Option<Kept>);

#[derive(Debug)]
struct Kept {
    capsule: Box<str>,
    /// It is git itself.
    git: bool,
    /// It may write the workspace.
    writes: bool,
    seen: Arc<Seen>,
}

impl GitRefused {
    pub(super) fn of(command: &AuthorizedCommand, context: &RunContext) -> Self {
        let access = command.access().workspace;
        let kept = access != WorkspaceAccess::ReadWriteGit
            && command.confinement() == Confinement::Sandboxed;
        Self(kept.then(|| Kept {
            capsule: context.scope.capsule().as_str().into(),
            // What may write nothing at all fails for other reasons as often.
            writes: access == WorkspaceAccess::ReadWrite,
            git: access == WorkspaceAccess::ReadWrite
                && command.program().file_name() == Path::new("git").file_name(),
            seen: Arc::default(),
        }))
    }

    /// Looks at what the command writes to its standard error, where the host reads that.
    pub(super) fn watch(&self, streams: &mut Streams) {
        if let (Some(kept), Some(stderr)) = (&self.0, &mut streams.stderr) {
            stderr.watch(Watch::new(Arc::clone(&kept.seen)));
        }
    }

    /// Leaves a line in the log when its standard error says that git's data could not be
    /// written, or when git itself failed: 1 is what its comparisons end with.
    pub(super) fn tell(self, status: &ExitStatus) {
        let Some(kept) = self.0 else {
            return;
        };
        let capsule = &*kept.capsule;
        match (kept.seen.get(), status) {
            (Refused::GitData, _) => tracing::warn!(
                capsule,
                "its standard error says that git's data could not be written, which is read-only \
                 to processes; if git has to write it, have the manifest ask for workspace = \
                 \"read-write-git\" and grant it workspace:git, which lets the capsule run code on \
                 the host"
            ),
            (Refused::Named, _) if kept.writes => tracing::warn!(
                capsule,
                "its standard error says that a file of the workspace could not be written; each \
                 path that git's configuration names (core.hooksPath, include.path, commands and \
                 aliases) is read-only to processes, like git's data itself; if it has to write \
                 one, have the manifest ask for workspace = \"read-write-git\" and grant it \
                 workspace:git, which lets the capsule run code on the host"
            ),
            (_, ExitStatus::Code(code @ 2..)) if kept.git => tracing::warn!(
                capsule,
                code,
                "git failed where its own data is read-only to processes; if that is why, have the \
                 manifest ask for workspace = \"read-write-git\" and grant it workspace:git, which \
                 lets the capsule run code on the host"
            ),
            _ => {}
        }
    }
}
