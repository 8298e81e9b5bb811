//! A process that was started, and what follows it.

use std::sync::Arc;

use crate::process::quota::Share;
use crate::process::stops::Stops;
use crate::process::supervisor::Supervisor;

/// A process that was started.
pub(super) struct Started {
    pub(super) supervisor: Supervisor,
    pub(super) stops: Stops,
    pub(super) place: Arc<Share>,
}
