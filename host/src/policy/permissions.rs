//! What a manifest asks for beside what an operator grants.

use super::{Grant, GrantSet, Requests, Rule};

/// A capsule's requests beside the operator's grants for it.
#[derive(Debug, Clone, Copy)]
pub struct Permissions<'a> {
    pub(super) requests: &'a Requests,
    pub(super) grants: &'a GrantSet,
}

/// One capability that a capsule holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Held {
    /// Its name, for example `process:git`.
    pub name: String,
    /// What it is limited to, for example `git log **`.
    pub scope: String,
}

impl<'a> Permissions<'a> {
    /// Sets a manifest's requests beside an operator's grants.
    #[must_use]
    pub fn new(requests: &'a Requests, grants: &'a GrantSet) -> Self {
        Self { requests, grants }
    }

    pub(super) fn rule(&self, fits: impl Fn(&Grant) -> bool) -> Option<Rule<'a>> {
        let mut grants = self.grants.iter().enumerate();
        let (index, grant) = grants.find(|(_, grant)| fits(grant))?;
        Some(Rule { index, grant })
    }
}
