//! What a process belongs to.

use std::sync::Arc;

use super::lines::LineSink;
use crate::call::CallScope;

/// What a process belongs to.
#[derive(Clone)]
pub(crate) struct RunContext {
    /// The call that starts it: whose it is, and what ends it.
    pub(crate) scope: Arc<CallScope>,
    /// Takes the lines of streams that are kept as a log.
    pub(crate) lines: Arc<dyn LineSink>,
}
