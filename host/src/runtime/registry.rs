//! The loaded capsules: one immutable snapshot, swapped whole.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::capsule::{Capsule, CapsuleId, CapsuleUuid};
use crate::host::LoadedCapsules;
use crate::instance::Prepared;

/// A capsule with its component. They are swapped together.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) capsule: Arc<Capsule>,
    pub(super) prepared: Prepared,
}

/// A snapshot of what is loaded.
#[derive(Clone, Default)]
pub(super) struct Registry {
    by_id: HashMap<CapsuleId, Entry>,
    ids: HashMap<CapsuleUuid, CapsuleId>,
}

impl Registry {
    pub(super) fn by_id(&self, id: &CapsuleId) -> Option<&Entry> {
        self.by_id.get(id)
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = &CapsuleId> {
        self.by_id.keys()
    }

    pub(super) fn with(&self, entry: Entry) -> Self {
        let id = entry.capsule.id().clone();
        let mut next = self.without(&id);
        next.ids.insert(entry.capsule.uuid, id.clone());
        next.by_id.insert(id, entry);
        next
    }

    pub(super) fn without(&self, id: &CapsuleId) -> Self {
        let mut next = self.clone();
        if let Some(old) = next.by_id.remove(id) {
            next.ids.remove(&old.capsule.uuid);
        }
        next
    }
}

impl LoadedCapsules for ArcSwap<Registry> {
    fn by_uuid(&self, uuid: CapsuleUuid) -> Option<Arc<Capsule>> {
        let snapshot = self.load();
        let id = snapshot.ids.get(&uuid)?;
        snapshot.by_id(id).map(|entry| Arc::clone(&entry.capsule))
    }
}
