//! Where the instances of a capsule come from: a fresh one for each call, or a
//! resident one for all of them.

use std::sync::{Arc, Mutex};

use super::PreparedComponent;
use super::live::Live;
use crate::bindings::Capsule as Guest;
use crate::capsule::{Capsule, InstanceMode};
use crate::locked::lock;
use crate::pace::Pace;

/// The instances of one capsule.
pub(crate) struct Instances {
    /// The same for all capsules that are made of one component.
    prepared: Arc<PreparedComponent>,
    mode: InstanceMode,
    /// The resident instance, between two calls. Who calls takes it out, and
    /// puts it back after an answer; the one that trapped, was cancelled or
    /// took too long is never put back, and one that was made under other
    /// grants is not used.
    resident: Mutex<Option<Live<Guest>>>,
    pub(super) pace: Pace,
}

impl Instances {
    pub(crate) fn new(prepared: Arc<PreparedComponent>, mode: InstanceMode) -> Self {
        Self {
            prepared,
            mode,
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

    /// Takes back an instance that answered.
    pub(super) fn rest(&self, live: Live<Guest>) {
        match self.mode {
            InstanceMode::Fresh => drop(live),
            InstanceMode::Resident => *lock(&self.resident) = Some(live),
        }
    }
}
