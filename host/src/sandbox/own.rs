//! What is made for one sandbox beside its process, and goes with it.

use std::fmt::Debug;
use std::sync::Arc;

use super::cgroup::Groups;
use super::held::Held;

/// What a sandbox of some backend has of its own.
pub(super) trait Own: Debug + Send + Sync + 'static {
    /// This and the groups as something that is let go later. `held` follows when
    /// nothing is left of them.
    fn into_held(self, groups: Option<Arc<Groups>>, held: Held) -> Held;
}
