//! What a sandbox is to show, found and held open, and what distinguishes it from
//! others.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Bubblewrap, Builder};
use crate::policy::Access;
use crate::sandbox::cgroup::{Limited, TreeLimits};
use crate::sandbox::error::LaunchError;
use crate::sandbox::git::{Pins, PinsKey};
use crate::sandbox::identity::Identity;
use crate::sandbox::machine::Listing;

/// What a sandbox is to show.
#[derive(Debug)]
pub(super) struct Outline {
    pub(super) access: Access,
    pub(super) pins: Pins,
    /// The machine's files.
    pub(super) listing: Arc<Listing>,
}

/// All that shapes a sandbox and can be another one for the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) access: Access,
    /// What is pinned of git's data.
    pins: PinsKey,
    /// What is shown of the machine's files.
    listing: Arc<Listing>,
    /// What is at each further path.
    further: Vec<Option<Identity>>,
    /// The limits that its groups are for.
    limited: Limited,
}

impl Bubblewrap {
    /// Finds what a sandbox is to show.
    pub(super) fn outline(
        &self,
        access: Access,
        builder: &Builder,
    ) -> Result<Outline, LaunchError> {
        let workspace = &self.foundation.workspace;
        let owner = builder.owner();
        let mut pins = self.surveys.pins(workspace, access.workspace, owner)?;
        for (at, target) in self.foundation.links() {
            link(&mut pins, at, target);
        }
        let listing = self.foundation.machine.now(access.network);
        Ok(Outline {
            access,
            pins,
            listing,
        })
    }

    /// What distinguishes such a sandbox for a command with limits of these kinds.
    pub(super) fn key(&self, outline: &Outline, limits: TreeLimits) -> Key {
        let identity = |path: &Path| {
            let stat = rustix::fs::stat(path).ok()?;
            Some((stat.st_dev, stat.st_ino))
        };
        let further = self.foundation.settings.read_only.iter();
        Key {
            access: outline.access,
            pins: outline.pins.key(),
            listing: Arc::clone(&outline.listing),
            further: further.map(|path| identity(path)).collect(),
            limited: limits.which(),
        }
    }
}

/// Has a path lead elsewhere, unless something else is shown there.
fn link(pins: &mut Pins, at: PathBuf, target: PathBuf) {
    let links = pins.links.iter().map(|(at, _)| at);
    let repository = pins.repository.iter().map(|(_, at)| at);
    let overlaps = |other: &PathBuf| other.starts_with(&at) || at.starts_with(other);
    if !links.chain(repository).any(overlaps) {
        pins.links.push((at, target));
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
