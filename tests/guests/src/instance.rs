//! What an instance remembers between calls.

use std::sync::atomic::{AtomicU64, Ordering};

static CALLS: AtomicU64 = AtomicU64::new(0);

pub(crate) fn count() -> u64 {
    CALLS.fetch_add(1, Ordering::Relaxed) + 1
}
