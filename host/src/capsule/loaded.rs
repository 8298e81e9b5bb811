//! One loaded capsule.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{
    Account, CapsuleId, CapsuleState, CapsuleUuid, ConfigValue, FolderError, Folders, Manifest,
    StateWatch,
};
use crate::Digest;
use crate::policy::{GrantSet, Held, Permissions};

/// One loaded capsule. Its manifest, grants and configuration belong together
/// and change together.
#[derive(Clone)]
pub(crate) struct Capsule {
    pub(crate) uuid: CapsuleUuid,
    pub(crate) manifest: Arc<Manifest>,
    pub(crate) digest: Digest,
    pub(crate) grants: GrantSet,
    pub(crate) config: Arc<BTreeMap<String, ConfigValue>>,
    /// The open folders.
    pub(crate) folders: Arc<Folders>,
    /// What it uses of the host.
    pub(crate) account: Arc<Account>,
    pub(crate) state: watch::Sender<CapsuleState>,
    /// Ends the calls in progress, and what they started.
    pub(crate) cancel: CancellationToken,
}

impl Capsule {
    pub(crate) fn id(&self) -> &CapsuleId {
        &self.manifest.id
    }

    /// Records that its run loop reported that it is ready.
    pub(crate) fn say_ready(&self) {
        self.turn(CapsuleState::Ready, |state| {
            matches!(state, CapsuleState::Loading | CapsuleState::TimedOut)
        });
    }

    /// Changes to a state if `from` accepts the current one. `Unloaded` is final.
    pub(crate) fn turn(&self, next: CapsuleState, from: impl FnOnce(CapsuleState) -> bool) {
        self.state.send_if_modified(|state| {
            let turns = *state != CapsuleState::Unloaded && *state != next && from(*state);
            if turns {
                *state = next;
            }
            turns
        });
    }

    /// Returns whether it can be called now.
    /// Waits until its run loop has started, or will not: its state then.
    pub(crate) async fn settled(&self) -> CapsuleState {
        let mut states = self.state.subscribe();
        // Its sender is in the capsule, so that there is a state.
        let loaded = |state: &CapsuleState| *state != CapsuleState::Loading;
        let state = states.wait_for(loaded).await;
        state.map_or(CapsuleState::Unloaded, |state| *state)
    }

    pub(crate) fn is_ready(&self) -> bool {
        *self.state.borrow() == CapsuleState::Ready
    }

    /// Follows its state.
    pub(crate) fn watch(&self) -> StateWatch {
        StateWatch::of(&self.state)
    }

    pub(crate) fn permissions(&self) -> Permissions<'_> {
        Permissions::new(&self.manifest.requests, &self.grants)
    }

    /// Returns every capability that it holds, sorted by name.
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

    /// Opens the folders that it is granted, which settles what their paths mean.
    pub(crate) fn open_folders(&self) -> Result<(), FolderError> {
        for folder in self.permissions().folders() {
            self.folders.get(&folder)?;
        }
        Ok(())
    }

    /// Ends everything that it is doing, after it was removed from the snapshot.
    pub(crate) fn retire(&self) {
        self.cancel.cancel();
        self.state.send_replace(CapsuleState::Unloaded);
    }

    /// Returns the same capsule with other grants.
    pub(crate) fn with_grants(&self, grants: GrantSet) -> Self {
        Self {
            grants,
            ..self.clone()
        }
    }
}
