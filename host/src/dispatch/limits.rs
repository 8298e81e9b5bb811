//! What calls may use.

use std::time::Duration;

use super::slots::Slots;
use crate::capsule::{EngineLimits, GuestLimits, InstanceMode, Manifest};
use crate::instance::Bounds;

/// What may be passed in one call besides the largest payload: names, arguments, and
/// what lists need in the host.
const PASSED_BESIDES: u64 = 1 << 20;

/// What calls may use. A manifest may ask for less, never for more.
#[derive(Debug, Clone, Copy)]
pub struct RuntimeLimits {
    /// Calls of the host at a time; further ones wait within their deadline.
    /// Hooks that these call have half as many slots, the hooks below those
    /// half of that, and so on.
    pub instances: u32,
    /// Calls that may wait for a slot, of the whole host. A further one is
    /// refused at once.
    pub queue: u32,
    /// Resident instances and run loops.
    pub residents: u32,
    /// The share of its memory, in percent, at which a resident instance is replaced after
    /// a call, where its manifest names none.
    pub resident_memory_percent: u8,
    /// Calls of one capsule at a time, where its manifest asks for no other
    /// number.
    pub capsule_calls: u32,
    /// Calls that may wait for one capsule, likewise.
    pub capsule_queue: u32,
    /// The most memory of one instance, linear and in the host, in bytes.
    pub max_memory: u64,
    /// The memory of one instance whose manifest asks for none, in bytes.
    pub memory: u64,
    /// The most time that one call may take.
    pub max_time: Duration,
    /// The time of a call whose manifest asks for none.
    pub time: Duration,
    /// The payload of a call and of its reply, in bytes.
    pub payload: u64,
    /// The payload of a hook and of each reply to it, in bytes.
    pub hook_payload: u64,
    /// What guests may take of the host outside of their linear memory.
    pub guest: GuestLimits,
    /// What one instance may consist of.
    pub engine: EngineLimits,
}

impl Default for RuntimeLimits {
    fn default() -> Self {
        Self {
            instances: 256,
            queue: 1024,
            residents: 256,
            resident_memory_percent: 90,
            capsule_calls: 64,
            capsule_queue: 256,
            max_memory: 256 << 20,
            memory: 64 << 20,
            max_time: Duration::from_secs(600),
            time: Duration::from_secs(60),
            payload: 10 << 20,
            hook_payload: 1 << 20,
            guest: GuestLimits::default(),
            engine: EngineLimits::default(),
        }
    }
}

impl RuntimeLimits {
    /// What one instance of a capsule may use, on a host whose processes take so
    /// many bytes of input.
    pub(crate) fn bounds_of(&self, manifest: &Manifest, stdin: u64) -> Bounds {
        let asked = manifest.instance.memory.unwrap_or(self.memory);
        let largest = self.payload.max(self.hook_payload).max(stdin);
        Bounds {
            memory: asked.min(self.max_memory),
            passed: largest.saturating_add(PASSED_BESIDES),
            engine: self.engine,
        }
    }

    /// The time of one call to a capsule.
    pub(crate) fn time_of(&self, manifest: &Manifest) -> Duration {
        let asked = manifest.instance.time.unwrap_or(self.time);
        asked.min(self.max_time)
    }

    /// Returns what a manifest asks for beyond these limits: a line for each, which names
    /// both numbers.
    #[must_use]
    pub fn cut(&self, manifest: &Manifest) -> Vec<String> {
        let asked = &manifest.instance;
        let memory = asked.memory.filter(|asked| *asked > self.max_memory);
        let memory = memory.map(|asked| {
            format!(
                "memory-mib = {} of its manifest is over the host's limit, which holds: {} MiB",
                asked >> 20,
                self.max_memory >> 20
            )
        });
        let time = asked.time.filter(|asked| *asked > self.max_time);
        let time = time.map(|asked| {
            format!(
                "time-ms = {} of its manifest is over the host's limit, which holds: {} ms",
                asked.as_millis(),
                self.max_time.as_millis()
            )
        });
        let calls = asked.concurrency.filter(|asked| *asked > self.instances);
        let calls = calls.map(|asked| {
            format!(
                "concurrency = {asked} of its manifest is over the host's limit, which holds: {}",
                self.instances
            )
        });
        [memory, time, calls].into_iter().flatten().collect()
    }

    /// The slots for calls to a capsule.
    pub(crate) fn slots_of(&self, manifest: &Manifest) -> Slots {
        let asked = &manifest.instance;
        let queue = asked.queue.unwrap_or(self.capsule_queue);
        match asked.mode {
            InstanceMode::Resident => Slots::single(queue),
            InstanceMode::Fresh => {
                let calls = asked.concurrency.unwrap_or(self.capsule_calls);
                Slots::new(calls.min(self.instances), queue)
            }
        }
    }

    /// Returns the most instances that live at a time.
    #[must_use]
    pub fn live_instances(&self) -> u32 {
        Slots::total(self.instances).saturating_add(self.residents)
    }
}
