//! Bounds on what one instance allocates.

use wasmtime::ResourceLimiter;

/// Elements of one table, instances, memories and tables of one store: far more
/// than compilers emit, far less than would hurt.
const MAX_TABLE_ELEMENTS: usize = 100_000;
const MAX_INSTANCES: usize = 64;
const MAX_TABLES: usize = 32;
const MAX_MEMORIES: usize = 8;

/// Bounds linear memory, all of an instance's memories together, and remembers
/// whether the bound was reached: the guest only sees an allocation fail, and
/// most then trap.
pub(super) struct MemoryLimiter {
    limit: u64,
    used: u64,
    reached: bool,
}

impl MemoryLimiter {
    pub(super) fn new(limit: u64) -> Self {
        Self {
            limit,
            used: 0,
            reached: false,
        }
    }

    /// What an earlier call was refused says nothing of the next.
    pub(super) fn begin(&mut self) {
        self.reached = false;
    }

    pub(super) fn reached(&self) -> Option<u64> {
        self.reached.then_some(self.limit)
    }
}

impl ResourceLimiter for MemoryLimiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let used = self.used - current as u64 + desired as u64;
        if used > self.limit {
            self.reached = true;
            return Ok(false);
        }
        self.used = used;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= MAX_TABLE_ELEMENTS)
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

    #[test]
    fn memories_count_together_and_a_refusal_is_remembered() {
        let mut limiter = MemoryLimiter::new(100);
        assert!(limiter.memory_growing(0, 60, None).expect("no error"));
        assert!(limiter.memory_growing(0, 40, None).expect("no error"));
        assert_eq!(limiter.reached(), None);
        assert!(!limiter.memory_growing(40, 41, None).expect("no error"));
        assert_eq!(limiter.reached(), Some(100));
    }
}
