//! Bounds on what one instance allocates.

use wasmtime::ResourceLimiter;

use crate::capsule::{EngineLimits, MemoryBudget};

/// Bounds linear memory, all of an instance's memories together and with its tables
/// and what the host holds for it, and remembers whether the bound was reached: the
/// guest only sees an allocation fail, and most then trap.
pub(super) struct MemoryLimiter {
    pub(super) budget: MemoryBudget,
    engine: EngineLimits,
}

/// What an element of a table takes, in bytes.
const TABLE_ELEMENT: u64 = 8;

impl MemoryLimiter {
    pub(super) fn new(budget: MemoryBudget, engine: EngineLimits) -> Self {
        Self { budget, engine }
    }

    pub(super) fn engine(&self) -> &EngineLimits {
        &self.engine
    }
}

/// As the engine counts.
fn count(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

impl ResourceLimiter for MemoryLimiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(self.budget.grow(current as u64, desired as u64))
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let bytes = |elements: usize| elements as u64 * TABLE_ELEMENT;
        let fits = desired <= count(self.engine.table_elements);
        Ok(fits && self.budget.grow(bytes(current), bytes(desired)))
    }

    fn instances(&self) -> usize {
        count(self.engine.core_instances)
    }

    fn tables(&self) -> usize {
        count(self.engine.tables)
    }

    fn memories(&self) -> usize {
        count(self.engine.memories)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capsule::{Accounts, GuestLimits};

    #[test]
    fn memories_and_tables_count_together_and_a_refusal_is_remembered() {
        let accounts = Accounts::new(GuestLimits::default(), 1024);
        let account = accounts.of(&"one".parse().expect("an id"));
        let mut limiter =
            MemoryLimiter::new(MemoryBudget::new(100, account), EngineLimits::default());
        assert!(limiter.memory_growing(0, 60, None).expect("no error"));
        assert!(limiter.memory_growing(0, 32, None).expect("no error"));
        assert!(limiter.table_growing(0, 1, None).expect("no error"));
        assert!(limiter.budget.reached().is_none());
        assert!(!limiter.memory_growing(32, 33, None).expect("no error"));
        assert_eq!(limiter.budget.reached().map(|over| over.limit), Some(100));
    }
}
