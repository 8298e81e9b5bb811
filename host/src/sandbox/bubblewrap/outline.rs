//! What a sandbox is to show, found and held open, and what distinguishes it from
//! others.

use std::path::Path;

use rustix::fs::FileType;

use super::{Bubblewrap, Builder, plan};
use crate::policy::Access;
use crate::sandbox::cgroup::{Limited, TreeLimits};
use crate::sandbox::error::LaunchError;
use crate::sandbox::git::{Pins, PinsKey};
use crate::sandbox::identity::Identity;

/// What a sandbox is to show.
#[derive(Debug)]
pub(super) struct Outline {
    pub(super) access: Access,
    pub(super) pins: Pins,
}

/// All that shapes a sandbox and can be another one for the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) access: Access,
    /// What is pinned of git's data.
    pins: PinsKey,
    /// What is at each path that is shown.
    shown: Vec<Option<Shown>>,
    /// The limits that its groups are for.
    limited: Limited,
}

/// Which file is shown, and when its contents were written: seconds and nanoseconds.
type Shown = (Identity, Option<(i64, u64)>);

impl Bubblewrap {
    /// Finds what a sandbox is to show.
    pub(super) fn outline(
        &self,
        access: Access,
        builder: &Builder,
    ) -> Result<Outline, LaunchError> {
        let workspace = &self.foundation.workspace;
        let owner = builder.owner();
        let pins = self.surveys.pins(workspace, access.workspace, owner)?;
        Ok(Outline { access, pins })
    }

    /// What distinguishes such a sandbox for a command with limits of these kinds.
    pub(super) fn key(&self, outline: &Outline, limits: TreeLimits) -> Key {
        let identity = |path: &Path| {
            let stat = rustix::fs::stat(path).ok()?;
            // Of a file there may be a copy in the sandbox.
            let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
            let written = is_file.then_some((stat.st_mtime, stat.st_mtime_nsec));
            Some(((stat.st_dev, stat.st_ino), written))
        };
        let shown = plan::shown(&self.foundation.settings, outline.access);
        Key {
            access: outline.access,
            pins: outline.pins.key(),
            shown: shown.map(identity).collect(),
            limited: limits.which(),
        }
    }
}

impl Key {
    /// Whether it is of a sandbox for the same access that shows something else than
    /// one would now, which is `now`.
    pub(super) fn is_outdated(&self, now: &Self) -> bool {
        let is_same = self.access == now.access && self.limited == now.limited;
        is_same && self != now
    }
}
