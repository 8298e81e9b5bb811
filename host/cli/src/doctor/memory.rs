//! The findings about the room that the host itself has: the limits of this process, and its memory.

use boll_host::RuntimeLimits;
use boll_host::engine::{Allocation, address_space};

use rustix::process::Resource;

use super::{Finding, Fix, Status};
use crate::failure::Failure;
use crate::system_limit::{RAISE, raise};

/// Returns the finding about a limit that lets nothing run, in the words of every command.
pub(crate) fn room_finding(lacking: &Failure) -> Finding {
    let fix = (!lacking.hints().is_empty()).then(|| raised(lacking.hints().join("; ")));
    Finding::new("limits", Status::Broken, lacking.message(), fix)
}

/// Returns a finding if a limit on address space keeps instances from coming out of a pool.
pub(crate) fn memory_finding() -> Option<Finding> {
    let limit = address_space()?;
    let instances = RuntimeLimits::default().live_instances();
    let detail = format!(
        "address space is limited to {} MiB: instances are allocated on demand, calls take longer",
        limit >> 20
    );
    let fix = raised(raise(Resource::As, 'v', None));
    match Allocation::of(instances, Some(limit)) {
        Allocation::Pooled => None,
        Allocation::OnDemand => Some(Finding::new("memory", Status::Weak, detail, Some(fix))),
    }
}

/// Returns the fix for a limit: the line that raises it, where a shell can.
fn raised(how: String) -> Fix {
    match how.strip_prefix(RAISE) {
        Some(line) => Fix::Line(line.to_owned()),
        None => Fix::Manual(how),
    }
}
