//! What a scan has counted, held against the limits.

use crate::engine::limits::ComponentLimits;

/// Why the scan of a component stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScanError {
    /// The component exceeds one of its limits.
    #[error("it has {found} {what} (at byte {at}), which is over the limit of {limit}")]
    Limit {
        /// The kind of thing.
        what: &'static str,
        /// How many were counted.
        found: u64,
        /// The limit.
        limit: u64,
        /// The position in its bytes.
        at: usize,
    },
    /// Its bytes cannot be parsed.
    #[error("{0}")]
    Malformed(String),
}

impl From<wasmparser::BinaryReaderError> for ScanError {
    fn from(error: wasmparser::BinaryReaderError) -> Self {
        Self::Malformed(error.to_string())
    }
}

/// What was counted. Counts of single functions are those of the largest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ComponentCounts {
    /// Nesting of components and modules.
    pub nesting: u64,
    /// Nesting of component and instance types.
    pub type_nesting: u64,
    /// Modules and components.
    pub modules: u64,
    /// Types.
    pub types: u64,
    /// Functions.
    pub functions: u64,
    /// All other listed items.
    pub items: u64,
    /// An upper bound of the instances that are created.
    pub instances: u64,
    /// The bytes of a function.
    pub function_bytes: u64,
    /// The local variables of a function.
    pub locals: u64,
    /// The local variables of all functions.
    pub all_locals: u64,
    /// Nesting of blocks.
    pub block_nesting: u64,
    /// Nesting of loops.
    pub loop_nesting: u64,
    /// The values that may meet where control flow joins.
    pub joins: u64,
}

pub(super) struct Scan<'a> {
    pub(super) limits: &'a ComponentLimits,
    pub(super) counts: ComponentCounts,
    /// How many components and modules are open.
    pub(super) depth: u64,
    /// The most parameters or results of a function type so far: blocks of such a type
    /// pass on that many values.
    pub(super) arity: u64,
    /// The instances that each open component or module creates.
    pub(super) making: Vec<u64>,
    /// The most instances that a closed one creates.
    pub(super) largest: u64,
}

impl<'a> Scan<'a> {
    pub(super) fn new(limits: &'a ComponentLimits) -> Self {
        Self {
            limits,
            counts: ComponentCounts::default(),
            depth: 0,
            arity: 0,
            making: Vec::new(),
            largest: 1,
        }
    }

    pub(super) fn items(&mut self, count: u32, at: usize) -> Result<(), ScanError> {
        self.counts.items += u64::from(count);
        at_most("items", self.counts.items, self.limits.items, at)
    }

    /// Counts `count` more instances, each of which creates `each`.
    pub(super) fn instances(&mut self, count: u32, each: u64, at: usize) -> Result<(), ScanError> {
        let made = self.making.last_mut();
        let more = u64::from(count).saturating_mul(each);
        let found = made.map_or(more, |made| {
            *made = made.saturating_add(more);
            *made
        });
        self.counts.instances = self.counts.instances.max(found);
        let what = "instances, with all that those make";
        at_most(what, found, self.limits.instances, at)
    }

    pub(super) fn types(&mut self, count: u64, at: usize) -> Result<(), ScanError> {
        self.counts.types += count;
        at_most("types", self.counts.types, self.limits.types, at)
    }
}

pub(super) fn at_most(
    what: &'static str,
    found: u64,
    limit: u64,
    at: usize,
) -> Result<(), ScanError> {
    if found > limit {
        return Err(ScanError::Limit {
            what,
            found,
            limit,
            at,
        });
    }
    Ok(())
}
