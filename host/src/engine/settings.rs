//! How many instances an engine has room for, and how large each may be.

use crate::capsule::EngineLimits;

/// How many instances a host holds at the same time, and how large they may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EngineSettings {
    /// Live component instances.
    pub(crate) instances: u32,
    /// The largest linear memory of one instance, in bytes.
    pub(crate) max_memory: u64,
    /// What one instance may consist of.
    pub(crate) each: EngineLimits,
}
