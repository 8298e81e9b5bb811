//! The limits on components.

mod limits;
mod scan;

pub use limits::ComponentLimits;
pub use scan::{ComponentCounts, ScanError, scan};
