//! How many calls a capsule has.

/// The calls to one loaded capsule, those of hooks among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct CallCounts {
    /// Calls under way now, those that wait among them, and hooks that are about to reach
    /// the capsule.
    pub under_way: usize,
    /// Calls that wait now for a slot of the capsule's.
    pub waiting: usize,
    /// Calls since it was loaded that got no slot.
    pub refused: u64,
}
