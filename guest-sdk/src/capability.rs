//! What capsules may do: what their manifest asks for **and** the operator
//! grants.
//!
//! A capability has a name, for example `process:git` or `config:limit`.

use crate::host;

/// One capability of this capsule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The name, as [`check`] takes it.
    pub name: String,
    /// What the grant is limited to, in the manifest's own words, for example
    /// `git log **`.
    pub scope: String,
}

/// Everything that this capsule holds, sorted by name.
pub fn held() -> Vec<Grant> {
    host::held()
}

/// Whether the loaded capsule with this uuid holds the capability with exactly
/// this name. False also for an unknown uuid, a malformed one, and an unknown
/// name.
///
/// ```
/// # use boll_sdk::{capability, fake, lifecycle};
/// # let _host = fake::Host::new().grant("process:git", "git log **").install();
/// assert!(capability::check(&lifecycle::self_uuid(), "process:git"));
/// ```
pub fn check(uuid: &str, name: &str) -> bool {
    host::check(uuid, name)
}
