//! The loaded capsules: one immutable snapshot, swapped whole.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{CapsuleId, CapsuleUuid, Manifest};
use crate::Digest;
use crate::instance::Prepared;
use crate::policy::{GrantSet, Held, Permissions};

/// Where a loaded capsule is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CapsuleState {
    /// It can be called.
    Loaded,
    /// It said that it is ready, through `boll:lifecycle`.
    Ready,
    /// It was unloaded.
    Unloaded,
}

/// One loaded capsule. Its manifest, component, grants and configuration
/// belong together and change together.
pub(crate) struct Capsule {
    pub(crate) uuid: CapsuleUuid,
    pub(crate) manifest: Arc<Manifest>,
    pub(crate) digest: Digest,
    pub(crate) prepared: Prepared,
    pub(crate) grants: GrantSet,
    pub(crate) config: Arc<BTreeMap<String, String>>,
    pub(crate) state: watch::Sender<CapsuleState>,
    /// Ends the calls under way, and what they started.
    pub(crate) cancel: CancellationToken,
}

impl Capsule {
    pub(crate) fn id(&self) -> &CapsuleId {
        &self.manifest.id
    }

    pub(crate) fn permissions(&self) -> Permissions<'_> {
        Permissions::new(&self.manifest.processes, &self.grants)
    }

    /// Every capability that it holds, sorted by name.
    pub(crate) fn held(&self) -> Vec<Held> {
        let config = self.manifest.config.iter().map(|(name, key)| Held {
            name: format!("config:{name}"),
            scope: key.value_type.name().to_owned(),
        });
        let mut held: Vec<Held> = self
            .permissions()
            .held()
            .into_iter()
            .chain(config)
            .collect();
        held.sort();
        held
    }

    /// Ends what it is doing; it is in no snapshot any more.
    pub(crate) fn retire(&self) {
        self.cancel.cancel();
        self.state.send_replace(CapsuleState::Unloaded);
    }

    /// The same capsule with other grants.
    pub(crate) fn with_grants(&self, grants: GrantSet) -> Self {
        Self {
            uuid: self.uuid,
            manifest: Arc::clone(&self.manifest),
            digest: self.digest,
            prepared: self.prepared.clone(),
            grants,
            config: Arc::clone(&self.config),
            state: self.state.clone(),
            cancel: self.cancel.clone(),
        }
    }
}

/// A snapshot of what is loaded.
#[derive(Clone, Default)]
pub(crate) struct Registry {
    by_id: HashMap<CapsuleId, Arc<Capsule>>,
    ids: HashMap<CapsuleUuid, CapsuleId>,
}

impl Registry {
    pub(crate) fn by_id(&self, id: &CapsuleId) -> Option<&Arc<Capsule>> {
        self.by_id.get(id)
    }

    pub(crate) fn by_uuid(&self, uuid: CapsuleUuid) -> Option<&Arc<Capsule>> {
        self.ids.get(&uuid).and_then(|id| self.by_id.get(id))
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = &CapsuleId> {
        self.by_id.keys()
    }

    pub(crate) fn with(&self, capsule: Arc<Capsule>) -> Self {
        let mut next = self.without(capsule.id());
        next.ids.insert(capsule.uuid, capsule.id().clone());
        next.by_id.insert(capsule.id().clone(), capsule);
        next
    }

    pub(crate) fn without(&self, id: &CapsuleId) -> Self {
        let mut next = self.clone();
        if let Some(old) = next.by_id.remove(id) {
            next.ids.remove(&old.uuid);
        }
        next
    }
}
