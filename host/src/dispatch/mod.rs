//! From a call or a publication to the instances that answer it.
//!
//! Knows the loaded capsules and bounds the calls to them. It never loads or
//! unloads: that is the runtime's.

mod calls;
mod counts;
mod error;
mod fan_out;
mod invoke;
mod limits;
mod native;
mod publish;
mod registry;
mod slots;
mod subscribers;
mod waits;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;

pub(crate) use calls::{Calls, Registered};
pub use counts::CallCounts;
pub use error::CallError;
pub(crate) use invoke::Call;
pub use limits::RuntimeLimits;
pub(crate) use registry::{LoadedCapsule, LoadedComponent, Registry};
pub(crate) use slots::Slots;
use waits::Waits;

use crate::capsule::{Capsule, CapsuleId, Manifest};
use crate::host::HostContext;
use crate::instance::Bounds;
use crate::services::hook::NativeSubscription;

/// Brings calls to capsules.
pub(crate) struct Dispatcher {
    pub(crate) host: Arc<HostContext>,
    pub(crate) registry: Arc<ArcSwap<Registry>>,
    pub(crate) calls: Calls,
    pub(crate) limits: RuntimeLimits,
    /// Who subscribes on the embedder's own behalf.
    natives: ArcSwap<Vec<(u64, NativeSubscription)>>,
    /// The number of the next of them.
    next_native: AtomicU64,
    slots: Slots,
    /// Who waits for resident instances.
    waits: Waits,
}

impl Dispatcher {
    pub(crate) fn new(
        host: Arc<HostContext>,
        registry: Arc<ArcSwap<Registry>>,
        limits: RuntimeLimits,
        natives: Vec<NativeSubscription>,
    ) -> Self {
        Self {
            host,
            registry,
            calls: Calls::default(),
            limits,
            next_native: AtomicU64::new(natives.len() as u64),
            natives: ArcSwap::from_pointee((0..).zip(natives).collect()),
            slots: Slots::new(limits.instances, limits.queue),
            waits: Waits::default(),
        }
    }

    /// What one instance of a capsule may use.
    pub(crate) fn bounds_of(&self, manifest: &Manifest) -> Bounds {
        let processes = self.host.processes.as_ref();
        let stdin = processes.map_or(0, |processes| processes.settings().sizes.stdin);
        self.limits.bounds_of(manifest, stdin)
    }

    /// Whether the embedder subscribes under this id.
    pub(crate) fn is_native(&self, id: &CapsuleId) -> bool {
        let natives = self.natives.load();
        natives.iter().any(|(_, native)| native.id == *id)
    }

    /// Adds a subscription of the embedder's. Returns its number.
    pub(crate) fn subscribe(&self, native: NativeSubscription) -> u64 {
        let number = self.next_native.fetch_add(1, Ordering::Relaxed);
        self.natives.rcu(|natives| {
            let mut natives = Vec::clone(natives);
            natives.push((number, native.clone()));
            natives
        });
        number
    }

    /// Removes one. Returns whether it was there.
    pub(crate) fn unsubscribe(&self, number: u64) -> bool {
        let is_it = |(other, _): &(u64, NativeSubscription)| *other == number;
        let before = self.natives.rcu(|natives| {
            let mut natives = Vec::clone(natives);
            natives.retain(|one| !is_it(one));
            natives
        });
        before.iter().any(is_it)
    }

    /// Unloads every capsule, and refuses what comes later. What was started ends soon.
    ///
    /// Resident instances hold this dispatcher, and are let go of here.
    pub(crate) fn stop(&self) {
        self.calls.close();
        let loaded = self.registry.swap(Arc::default());
        loaded.all().for_each(|entry| self.retire(&entry.capsule));
        if let Some(processes) = &self.host.processes {
            processes.stop();
        }
    }

    /// Ends what a capsule is doing that is no longer in the snapshot.
    pub(crate) fn retire(&self, capsule: &Capsule) {
        capsule.retire();
        if let Some(processes) = &self.host.processes {
            processes.forget(capsule.uuid);
        }
    }
}
