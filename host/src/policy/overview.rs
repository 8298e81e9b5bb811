//! What is missing, and what is held, of all that a manifest asks for.

use std::collections::HashSet;

use super::{Confinement, Grant, Held, Permissions, Requests};

/// A kind of request that is added does not compile before it is here, and it needs a
/// line in each list below.
const _: fn(Requests) = |requests| {
    let Requests {
        processes: _,
        publish: _,
        subscribe: _,
        files: _,
        network: _,
        interfaces: _,
    } = requests;
};

impl Permissions<'_> {
    /// The grants without which some request of the manifest is not usable, in
    /// the manifest's order, each once.
    #[must_use]
    pub fn missing(&self, confinement: Confinement) -> Vec<Grant> {
        let missing = self.missing_processes(confinement);
        let missing = missing.chain(self.missing_topics());
        let mut texts = HashSet::new();
        missing
            .chain(self.missing_access())
            .filter(|grant| texts.insert(grant.to_string()))
            .collect()
    }

    /// Of these the grants whose lack is seen by the capsule alone: what it opens
    /// is not there.
    #[must_use]
    pub fn missing_access(&self) -> Vec<Grant> {
        let missing = self.missing_files().chain(self.missing_network());
        missing.chain(self.missing_interfaces()).collect()
    }

    /// What the capsule holds, its configuration left out, sorted by name.
    #[must_use]
    pub fn held(&self) -> Vec<Held> {
        let held = self.held_processes().chain(self.held_topics());
        let held = held.chain(self.held_files()).chain(self.held_network());
        let mut held: Vec<Held> = held.chain(self.held_interfaces()).collect();
        held.sort();
        held.dedup();
        held
    }
}
