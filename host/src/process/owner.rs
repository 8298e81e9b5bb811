//! What a process belongs to.

use std::sync::Arc;

use super::lines::LineSink;
use crate::call::CallScope;

/// What a process belongs to.
#[derive(Clone)]
pub struct RunContext {
    /// The call that starts it: whose it is, and what ends it.
    pub scope: Arc<CallScope>,
    /// Takes the lines of streams that are kept as a log.
    pub lines: Arc<dyn LineSink>,
}
