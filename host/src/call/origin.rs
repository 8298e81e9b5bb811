//! Whose something is.

use super::{CallId, PrincipalName};
use crate::capsule::CapsuleId;

/// Whose something is: a line, a process, a judgement. The host sets it; a capsule
/// cannot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The capsule.
    pub capsule: CapsuleId,
    /// On whose behalf it was called.
    pub principal: Option<PrincipalName>,
    /// The call.
    pub call_id: Option<CallId>,
}

impl Origin {
    /// Returns the origin of what concerns a capsule and no call to it.
    #[must_use]
    pub(crate) fn of_capsule(capsule: &CapsuleId) -> Self {
        Self {
            capsule: capsule.clone(),
            principal: None,
            call_id: None,
        }
    }
}
