//! What every invocation shares.

use arc_swap::ArcSwap;

use crate::capsule::Registry;
use crate::process::ProcessService;
use crate::services::log::LogService;

/// The registry's snapshot and the services that the interfaces call.
pub(crate) struct HostContext {
    pub(crate) registry: ArcSwap<Registry>,
    pub(crate) log: LogService,
    /// `None` when the host was set up without a sandbox.
    pub(crate) processes: Option<ProcessService>,
}
