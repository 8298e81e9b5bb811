//! Bounds on what one instance allocates.

use wasmtime::ResourceLimiter;

use crate::capsule::MemoryBudget;

/// Elements of one table, instances, memories and tables of one store: far more
/// than compilers emit, far less than would hurt.
const MAX_TABLE_ELEMENTS: usize = 100_000;
const MAX_INSTANCES: usize = 64;
const MAX_TABLES: usize = 32;
const MAX_MEMORIES: usize = 8;

/// Bounds linear memory, all of an instance's memories together and with its tables
/// and what the host holds for it, and remembers whether the bound was reached: the
/// guest only sees an allocation fail, and most then trap.
pub(super) struct MemoryLimiter(pub(super) MemoryBudget);

/// What an element of a table takes, in bytes.
const TABLE_ELEMENT: u64 = 8;

impl ResourceLimiter for MemoryLimiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(self.0.grow(current as u64, desired as u64))
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let bytes = |elements: usize| elements as u64 * TABLE_ELEMENT;
        Ok(desired <= MAX_TABLE_ELEMENTS && self.0.grow(bytes(current), bytes(desired)))
    }

    fn instances(&self) -> usize {
        MAX_INSTANCES
    }

    fn tables(&self) -> usize {
        MAX_TABLES
    }

    fn memories(&self) -> usize {
        MAX_MEMORIES
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
        let mut limiter = MemoryLimiter(MemoryBudget::new(100, account));
        assert!(limiter.memory_growing(0, 60, None).expect("no error"));
        assert!(limiter.memory_growing(0, 32, None).expect("no error"));
        assert!(limiter.table_growing(0, 1, None).expect("no error"));
        assert!(limiter.0.reached().is_none());
        assert!(!limiter.memory_growing(32, 33, None).expect("no error"));
        assert_eq!(limiter.0.reached().map(|over| over.limit), Some(100));
    }
}
