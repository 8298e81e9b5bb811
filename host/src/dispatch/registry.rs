//! The loaded capsules: one immutable snapshot, swapped whole.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::counts::CallCounts;
use super::slots::Slots;
use crate::capsule::{Capsule, CapsuleId, CapsuleUuid};
use crate::host::LoadedCapsules;
use crate::instance::Instances;

/// A capsule with its component. They are swapped together.
#[derive(Clone)]
pub(crate) struct LoadedCapsule {
    pub(crate) capsule: Arc<Capsule>,
    pub(crate) component: Arc<LoadedComponent>,
}

/// The component of a loaded capsule. Its grants, which change while it is loaded,
/// are not here.
pub(crate) struct LoadedComponent {
    pub(crate) instances: Instances,
    pub(super) slots: Slots,
    /// The calls that got no slot.
    pub(super) refused: AtomicU64,
    /// The calls under way. Closed when the capsule takes no more.
    pub(crate) in_flight: TaskTracker,
    /// Stops its run loop.
    pub(crate) stop: CancellationToken,
    /// Its resident instance and its run loop, among the host's.
    _resident: Option<OwnedSemaphorePermit>,
}

impl LoadedComponent {
    pub(crate) fn new(
        instances: Instances,
        slots: Slots,
        stop: CancellationToken,
        resident: Option<OwnedSemaphorePermit>,
    ) -> Self {
        Self {
            instances,
            slots,
            refused: AtomicU64::new(0),
            in_flight: TaskTracker::new(),
            stop,
            _resident: resident,
        }
    }
}

impl LoadedComponent {
    /// How many calls it has.
    pub(crate) fn counts(&self) -> CallCounts {
        CallCounts {
            under_way: self.in_flight.len(),
            waiting: self.slots.waiting(),
            refused: self.refused.load(Ordering::Relaxed),
        }
    }
}

/// A snapshot of what is loaded.
#[derive(Clone, Default)]
pub(crate) struct Registry {
    by_id: BTreeMap<CapsuleId, LoadedCapsule>,
    ids: HashMap<CapsuleUuid, CapsuleId>,
    /// Capsules that no new call reaches: they are being installed, or were
    /// replaced and have calls under way.
    unlisted: HashMap<CapsuleUuid, LoadedCapsule>,
}

impl Registry {
    pub(crate) fn by_id(&self, id: &CapsuleId) -> Option<&LoadedCapsule> {
        self.by_id.get(id)
    }

    /// The capsules, sorted by id.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &LoadedCapsule> {
        self.by_id.values()
    }

    /// Every loaded capsule, including those that no new call reaches.
    pub(crate) fn all(&self) -> impl Iterator<Item = &LoadedCapsule> {
        self.by_id.values().chain(self.unlisted.values())
    }

    /// Everything loaded under an id, including what no new call reaches.
    pub(crate) fn loads_of(&self, id: &CapsuleId) -> impl Iterator<Item = &LoadedCapsule> {
        self.all().filter(move |entry| entry.capsule.id() == id)
    }

    /// Returns the same with a capsule that no call reaches yet.
    pub(crate) fn arriving(&self, entry: LoadedCapsule) -> Self {
        let mut next = self.clone();
        next.unlisted.insert(entry.capsule.uuid, entry);
        next
    }

    /// Returns the same with this capsule; one that it replaces is retiring.
    pub(crate) fn with(&self, entry: LoadedCapsule) -> Self {
        let id = entry.capsule.id().clone();
        let mut next = self.clone();
        next.unlisted.remove(&entry.capsule.uuid);
        next.ids.insert(entry.capsule.uuid, id.clone());
        if let Some(old) = next.by_id.insert(id, entry) {
            next.ids.remove(&old.capsule.uuid);
            next.unlisted.insert(old.capsule.uuid, old);
        }
        next
    }

    /// Returns the same where the capsule with this id is retiring.
    pub(crate) fn retiring(&self, id: &CapsuleId) -> Self {
        let mut next = self.clone();
        if let Some(old) = next.by_id.remove(id) {
            next.ids.remove(&old.capsule.uuid);
            next.unlisted.insert(old.capsule.uuid, old);
        }
        next
    }

    /// Returns the same without anything loaded under this id.
    pub(crate) fn without(&self, id: &CapsuleId) -> Self {
        let mut next = self.retiring(id);
        next.unlisted.retain(|_, entry| entry.capsule.id() != id);
        next
    }

    /// Returns the same without this capsule, which no new call reaches.
    pub(crate) fn dropping(&self, uuid: CapsuleUuid) -> Self {
        let mut next = self.clone();
        next.unlisted.remove(&uuid);
        next
    }

    /// Returns the same with another capsule in place of each that is loaded under this id.
    pub(crate) fn changed(&self, id: &CapsuleId, change: impl Fn(&Capsule) -> Capsule) -> Self {
        let mut next = self.clone();
        let unlisted = next.unlisted.values_mut();
        let loaded = next
            .by_id
            .get_mut(id)
            .into_iter()
            .chain(unlisted.filter(|entry| entry.capsule.id() == id));
        for entry in loaded {
            entry.capsule = Arc::new(change(&entry.capsule));
        }
        next
    }
}

impl LoadedCapsules for ArcSwap<Registry> {
    fn by_uuid(&self, uuid: CapsuleUuid) -> Option<Arc<Capsule>> {
        let snapshot = self.load();
        let entry = match snapshot.ids.get(&uuid) {
            Some(id) => snapshot.by_id(id),
            None => snapshot.unlisted.get(&uuid),
        };
        entry.map(|entry| Arc::clone(&entry.capsule))
    }
}
