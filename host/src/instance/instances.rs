//! Where the instances of a capsule come from: a fresh one for each call, or a
//! resident one for all of them.

use std::sync::{Arc, Mutex};

use super::PreparedComponent;
use super::live::Live;
use crate::bindings::Capsule as Guest;
use crate::capsule::{Capsule, InstanceMode, InstanceRequest};
use crate::locked::lock;
use crate::pace::Pace;

/// The instances of one capsule.
pub(crate) struct Instances {
    /// The same for all capsules that are made of one component.
    prepared: Arc<PreparedComponent>,
    mode: InstanceMode,
    replaced: Replaced,
    /// The resident instance, between two calls. Who calls takes it out, and
    /// puts it back after an answer; the one that trapped, was cancelled or
    /// took too long is never put back, and one that was made under other
    /// grants is not used.
    resident: Mutex<Option<Live<Guest>>>,
    pub(super) pace: Pace,
}

/// When a resident instance has answered its last call.
#[derive(Debug, Clone, Copy)]
struct Replaced {
    calls: u32,
    memory_percent: u64,
}

impl Instances {
    /// The instances that a manifest asks for. A resident one is replaced at this share of
    /// its memory, in percent, where the manifest names none.
    pub(crate) fn new(
        prepared: Arc<PreparedComponent>,
        asked: &InstanceRequest,
        memory_percent: u8,
    ) -> Self {
        Self {
            prepared,
            mode: asked.mode,
            replaced: Replaced {
                calls: asked.calls.unwrap_or(u32::MAX),
                memory_percent: asked.memory_percent.unwrap_or(memory_percent).into(),
            },
            resident: Mutex::new(None),
            pace: Pace::default(),
        }
    }

    pub(crate) fn prepared(&self) -> &PreparedComponent {
        &self.prepared
    }

    /// The resident instance, if there is one that was made for a capsule with
    /// these grants.
    pub(super) fn resting(&self, capsule: &Arc<Capsule>) -> Option<Live<Guest>> {
        match self.mode {
            InstanceMode::Fresh => None,
            InstanceMode::Resident => lock(&self.resident)
                .take()
                .filter(|live| live.is_of(capsule)),
        }
    }

    /// Takes back an instance that answered. A resident one that has answered its last call
    /// is dropped: memory that a guest has taken is never given back, so that the one that
    /// has little left would fail in the middle of a call.
    pub(super) fn rest(&self, live: Live<Guest>, capsule: &Capsule) {
        if self.mode == InstanceMode::Fresh {
            return;
        }
        let (percent, limit) = live.memory();
        let calls = live.calls();
        if calls < self.replaced.calls && percent < self.replaced.memory_percent {
            *lock(&self.resident) = Some(live);
            return;
        }
        tracing::info!(
            capsule = capsule.id().as_str(),
            calls,
            "the resident instance is replaced: it holds {percent} % of its {} MiB",
            limit >> 20
        );
    }
}
