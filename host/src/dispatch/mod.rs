//! From a call or a publication to the instances that answer it.
//!
//! Knows the loaded capsules and bounds the calls to them. It never loads or
//! unloads: that is the runtime's.

mod calls;
mod error;
mod fan_out;
mod invoke;
mod limits;
mod places;
mod publish;
mod registry;

use std::sync::Arc;

use arc_swap::ArcSwap;

pub(crate) use calls::{Calls, Registered};
pub use error::CallError;
pub(crate) use invoke::Call;
pub use limits::RuntimeLimits;
pub(crate) use places::Places;
pub(crate) use publish::Publishing;
pub(crate) use registry::{Entry, LoadedComponent, Registry};

use crate::capsule::Capsule;
use crate::host::HostContext;

/// Brings calls to capsules.
pub(crate) struct Dispatcher {
    pub(crate) host: Arc<HostContext>,
    pub(crate) registry: Arc<ArcSwap<Registry>>,
    pub(crate) calls: Calls,
    pub(crate) limits: RuntimeLimits,
    places: Places,
}

impl Dispatcher {
    pub(crate) fn new(
        host: Arc<HostContext>,
        registry: Arc<ArcSwap<Registry>>,
        limits: RuntimeLimits,
    ) -> Self {
        Self {
            host,
            registry,
            calls: Calls::default(),
            limits,
            places: Places::new(limits.instances, limits.queue),
        }
    }

    /// Ends what a loading is doing that is in no snapshot any more.
    pub(crate) fn retire(&self, capsule: &Capsule) {
        capsule.retire();
        if let Some(processes) = &self.host.processes {
            processes.forget(capsule.uuid.into());
        }
    }
}
