//! One call: whose it is, until when, and what ends it.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Caller, Deadline, Origin, PrincipalName};
use crate::capsule::{Capsule, CapsuleId, CapsuleUuid};

/// One call to a capsule, or what a capsule does without being called: its run loop,
/// its installation.
#[derive(Debug, Clone)]
pub(crate) struct CallScope {
    /// Whose everything is that belongs to it.
    pub(crate) origin: Arc<Origin>,
    /// The uuid of the loaded capsule.
    pub(crate) uuid: CapsuleUuid,
    /// `None` where nobody calls: in a run loop, while the capsule is installed.
    pub(crate) caller: Option<Arc<Caller>>,
    /// When it began.
    pub(crate) started_at: SystemTime,
    /// When it ends with all that it started; a run loop has no end.
    pub(crate) deadline: Option<Deadline>,
    /// Ends it.
    pub(crate) cancel: CancellationToken,
    /// Cancelled when the capsule is unloaded.
    pub(crate) unloaded: CancellationToken,
    /// Knows of every process of it until that has ended or is detached, and of the
    /// calls below it.
    pub(crate) running: TaskTracker,
    /// Cancelled when it is answered. Only a guest that lives on can hold a child then
    /// that is not detached.
    pub(crate) answered: CancellationToken,
}

impl CallScope {
    /// A call to a capsule.
    pub(crate) fn of_call(
        capsule: &Capsule,
        caller: Arc<Caller>,
        deadline: Deadline,
        cancel: CancellationToken,
    ) -> Self {
        Self {
            caller: Some(Arc::clone(&caller)),
            deadline: Some(deadline),
            cancel,
            unloaded: capsule.cancel.clone(),
            ..Self::new(caller.origin(capsule.id()), capsule.uuid)
        }
    }

    /// What a capsule does without being called.
    pub(crate) fn of_capsule(
        capsule: &Capsule,
        deadline: Option<Deadline>,
        cancel: CancellationToken,
    ) -> Self {
        Self {
            deadline,
            cancel,
            unloaded: capsule.cancel.clone(),
            ..Self::new(Origin::of_capsule(capsule.id()), capsule.uuid)
        }
    }

    /// What belongs to no call and is ended by nothing.
    pub(crate) fn new(origin: Origin, uuid: CapsuleUuid) -> Self {
        Self {
            origin: Arc::new(origin),
            uuid,
            caller: None,
            started_at: SystemTime::now(),
            deadline: None,
            cancel: CancellationToken::new(),
            unloaded: CancellationToken::new(),
            running: TaskTracker::new(),
            answered: CancellationToken::new(),
        }
    }

    /// When it ends with all that it started, as it is waited for.
    pub(crate) fn ends_at(&self) -> Option<Instant> {
        self.deadline.map(|deadline| deadline.instant)
    }

    pub(crate) fn capsule(&self) -> &CapsuleId {
        &self.origin.capsule
    }

    pub(crate) fn principal(&self) -> Option<&PrincipalName> {
        self.origin.principal.as_ref()
    }

    /// The capsules that wait for it, the first caller first.
    pub(crate) fn chain(&self) -> &[CapsuleId] {
        self.caller.as_ref().map_or(&[], |caller| &caller.chain)
    }

    /// Those of the chain that have a slot while they wait.
    pub(crate) fn chain_with_slots(&self) -> &[CapsuleId] {
        match &self.caller {
            Some(caller) if caller.first_is_called => &caller.chain,
            Some(caller) => caller.chain.get(1..).unwrap_or_default(),
            None => &[],
        }
    }

    /// Whether something that belongs to it is there for `other` too.
    pub(crate) fn may_see(&self, other: &Self) -> bool {
        self.uuid == other.uuid && self.principal() == other.principal()
    }

    /// Whether it was cancelled, or its capsule unloaded.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled() || self.unloaded.is_cancelled()
    }
}
