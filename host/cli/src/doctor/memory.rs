//! The finding about the host's own memory.

use boll_host::RuntimeLimits;
use boll_host::engine::{Allocation, address_space};

use super::{Finding, Fix, Status};

/// Returns a finding if a limit on address space keeps instances from coming out of a pool.
pub(crate) fn memory_finding() -> Option<Finding> {
    let limit = address_space()?;
    let instances = RuntimeLimits::default().live_instances();
    let detail = format!(
        "address space is limited to {} MiB: instances are allocated on demand, calls take longer",
        limit >> 20
    );
    let fix = Fix::Manual("raise the limit: ulimit -v unlimited".to_owned());
    match Allocation::of(instances, Some(limit)) {
        Allocation::Pooled => None,
        Allocation::OnDemand => Some(Finding::new("memory", Status::Weak, detail, Some(fix))),
    }
}
