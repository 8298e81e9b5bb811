//! What lies at the places of a workspace that git reads first.

use rustix::fs::AtFlags;

use crate::sandbox::identity::Identity;
use crate::workspace::Workspace;

/// What is at the places that git reads first, and when each was changed.
pub(super) type Seen = Vec<Option<(Identity, i64, i64)>>;

pub(super) fn seen(workspace: &Workspace) -> Seen {
    [".git", ".git/config", ".git/index", ".git/HEAD", "HEAD"]
        .into_iter()
        .map(|name| {
            let flags = AtFlags::SYMLINK_NOFOLLOW;
            let stat = rustix::fs::statat(workspace.directory(), name, flags).ok()?;
            let changed = (stat.st_ctime, stat.st_ctime_nsec as i64);
            Some(((stat.st_dev, stat.st_ino), changed.0, changed.1))
        })
        .collect()
}
