//! What every invocation shares.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Arc;

use crate::blocking::BlockingThreads;
use crate::capsule::{Capsule, CapsuleUuid};
use crate::process::ProcessService;
use crate::services::audit::Audit;
use crate::services::log::LogService;

/// Finds loaded capsules as they are now.
pub(crate) trait LoadedCapsules: Send + Sync {
    /// Returns the capsule with this uuid; `None` once it is unloaded or replaced.
    fn by_uuid(&self, uuid: CapsuleUuid) -> Option<Arc<Capsule>>;
}

/// The loaded capsules, and the services that the interfaces call.
pub(crate) struct HostContext {
    pub(crate) capsules: Arc<dyn LoadedCapsules>,
    pub(crate) log: LogService,
    pub(crate) audit: Audit,
    /// The threads that wait for files of capsules.
    pub(crate) file_threads: Arc<BlockingThreads>,
    /// `None` when the host was set up without a sandbox.
    pub(crate) processes: Option<ProcessService>,
    /// What the embedder's interfaces work on.
    pub(crate) own: OwnStates,
}

/// The states of the embedder's interfaces, by their types.
#[derive(Default)]
pub(crate) struct OwnStates(HashMap<TypeId, Box<dyn Any + Send + Sync>>);

impl OwnStates {
    /// Keeps a state. Returns whether it is the first of its type.
    pub(crate) fn add<S: Send + Sync + 'static>(&mut self, state: S) -> bool {
        self.0.insert(TypeId::of::<S>(), Box::new(state)).is_none()
    }

    pub(crate) fn get<S: 'static>(&self) -> Option<&S> {
        self.0.get(&TypeId::of::<S>())?.downcast_ref()
    }
}
