//! Who makes calls.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{CallId, Deadline, Origin, PrincipalName};
use crate::capsule::{CapsuleId, CapsuleUuid};

/// Who makes calls: the embedder, or a call that publishes. All the calls of one
/// publication share it.
#[derive(Debug)]
pub(crate) struct Caller {
    /// On whose behalf the calls are made.
    pub(crate) principal: Option<PrincipalName>,
    /// The id by which they are cancelled.
    pub(crate) call_id: Option<CallId>,
    pub(crate) source: Source,
    /// The capsules that wait for the calls, the first caller first.
    pub(crate) chain: Arc<[CapsuleId]>,
    /// Whether the first of the chain is called, and so has a slot. What a run loop
    /// publishes begins with a capsule that has none.
    pub(crate) first_is_called: bool,
    /// When who calls has no more time.
    pub(crate) until: Option<Deadline>,
    /// Ends the calls.
    pub(crate) cancel: CancellationToken,
    /// Knows of the calls of a publication that are under way.
    pub(crate) running: TaskTracker,
}

/// Where a call comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The embedder.
    Host,
    /// A capsule that publishes.
    Capsule(CapsuleUuid),
}

impl Caller {
    /// The embedder.
    pub(crate) fn host(
        principal: Option<PrincipalName>,
        call_id: Option<CallId>,
        until: Option<Deadline>,
        cancel: CancellationToken,
    ) -> Self {
        Self {
            principal,
            call_id,
            source: Source::Host,
            chain: Arc::default(),
            first_is_called: true,
            until,
            cancel,
            running: TaskTracker::new(),
        }
    }

    /// When a call of it ends that may take so long.
    pub(crate) fn deadline(&self, time: Duration) -> Deadline {
        let own = Deadline::after(time);
        self.until.map_or(own, |until| own.min(until))
    }

    /// The origin of what a capsule does for it.
    pub(crate) fn origin(&self, capsule: &CapsuleId) -> Origin {
        Origin {
            capsule: capsule.clone(),
            principal: self.principal.clone(),
            call_id: self.call_id.clone(),
        }
    }
}
