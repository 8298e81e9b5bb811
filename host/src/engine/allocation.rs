//! Where instances get their memory from: a pool that is reserved at the start, or
//! allocation on demand where the host's address space is limited (`ulimit -v`).

use rustix::process::Resource;
use wasmtime::{Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

use super::EngineSettings;

const KEEP_RESIDENT: usize = 2 << 20;
const TABLE_KEEP_RESIDENT: usize = 64 << 10;

/// What a thread's stack holds besides that of the guest: the host's functions that it
/// calls.
const HOST_STACK: u64 = 1 << 20;

/// What a memory reserves beyond its size where address space is limited.
const SPARE: u64 = 1 << 20;

/// What the pool must leave of a limited address space, for threads, compiled code, and
/// everything else that a call needs.
const LEFT: u64 = 4 << 30;

/// The minimum address space of a host: its threads, compiled code, and one small
/// instance.
const LEAST: u64 = 1 << 30;

/// Where instances get their memory from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allocation {
    /// From a pool that is reserved when the host starts.
    Pooled,
    /// On demand, and no more than they use: calls take longer, and guests compute more
    /// slowly.
    OnDemand,
}

impl Allocation {
    /// Returns the allocation for a host that holds this many instances and whose address
    /// space has this limit, in bytes.
    #[must_use]
    pub fn of(instances: u32, limit: Option<u64>) -> Self {
        let needed = reserved(instances).saturating_add(LEFT);
        match limit {
            Some(limit) if limit < needed => Self::OnDemand,
            _ => Self::Pooled,
        }
    }
}

/// Returns the limit on this process's address space, in bytes, as set by `ulimit -v`.
#[must_use]
pub fn address_space() -> Option<u64> {
    rustix::process::getrlimit(Resource::As).current
}

/// Returns the limit on address space and the minimum, if the limit is below the minimum.
pub(super) fn too_little(limit: Option<u64>) -> Option<(u64, u64)> {
    let limit = limit.filter(|limit| *limit < LEAST)?;
    Some((limit, LEAST))
}

/// Returns the settings for compiling and running code. Code that was compiled for one
/// allocation does not run with the other.
pub(super) fn config(allocation: Allocation, stack: u64) -> Config {
    let mut config = Config::new();
    config
        // On by default if another crate enables wasmtime's feature for it.
        .concurrency_support(false)
        .epoch_interruption(true)
        .max_wasm_stack(bytes(stack))
        .async_stack_size(bytes(stack.saturating_add(HOST_STACK)));
    if allocation == Allocation::OnDemand {
        config
            .memory_reservation(0)
            .memory_reservation_for_growth(SPARE)
            .memory_guard_size(0);
    }
    config
}

/// Returns the same settings with a pool of instances.
pub(super) fn pooled(settings: EngineSettings) -> Config {
    let EngineSettings {
        instances,
        max_memory,
        each,
    } = settings;
    let mut config = config(Allocation::Pooled, each.stack);
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(instances)
        .total_core_instances(instances.saturating_mul(8).max(each.core_instances))
        .total_memories(instances.max(each.memories))
        .total_tables(instances.saturating_mul(3).max(each.tables))
        .total_stacks(instances)
        .max_core_instances_per_component(each.core_instances)
        .max_memories_per_component(each.memories)
        .max_memories_per_module(each.memories)
        .max_tables_per_component(each.tables)
        .max_tables_per_module(each.tables)
        .max_memory_size(bytes(max_memory))
        .table_elements(each.table_elements as usize)
        .linear_memory_keep_resident(KEEP_RESIDENT)
        .table_keep_resident(TABLE_KEEP_RESIDENT)
        .pagemap_scan(Enabled::Auto);
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config
}

fn bytes(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Returns roughly the address space that a pool reserves: for each memory the 4 GiB that
/// a guest can address, and a guard.
fn reserved(instances: u32) -> u64 {
    const EACH: u64 = (4 << 30) + (64 << 20);
    u64::from(instances).saturating_mul(EACH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_is_made_only_where_it_fits_and_leaves_room() {
        for (limit, expected) in [
            (None, Allocation::Pooled),
            (Some(8 << 30), Allocation::OnDemand),
            (Some(41 << 30), Allocation::OnDemand),
            (Some(64 << 30), Allocation::Pooled),
        ] {
            assert_eq!(Allocation::of(10, limit), expected, "{limit:?}");
        }
        assert_eq!(
            Allocation::of(u32::MAX, Some(1 << 63)),
            Allocation::OnDemand
        );
    }

    #[test]
    fn address_space_that_holds_nothing_is_told() {
        assert_eq!(too_little(None), None);
        assert_eq!(too_little(Some(LEAST)), None);
        assert_eq!(too_little(Some(1 << 20)), Some((1 << 20, LEAST)));
    }
}
