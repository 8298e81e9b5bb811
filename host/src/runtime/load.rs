//! A capsule that is to be loaded.

use std::collections::BTreeMap;

use crate::capsule::{CapsuleId, ConfigValue, Manifest};
use crate::policy::GrantSet;

/// A capsule to load.
#[derive(Debug)]
pub struct Load {
    pub(super) manifest: Manifest,
    pub(super) component: Vec<u8>,
    pub(super) grants: GrantSet,
    pub(super) config: BTreeMap<String, ConfigValue>,
}

impl Load {
    /// Creates a capsule by its manifest and its component's bytes, with no grants and no
    /// configuration beyond the manifest's defaults.
    #[must_use]
    pub fn new(manifest: Manifest, component: Vec<u8>) -> Self {
        Self {
            manifest,
            component,
            grants: GrantSet::default(),
            config: BTreeMap::new(),
        }
    }

    /// Returns the capsule's id.
    #[must_use]
    pub fn id(&self) -> &CapsuleId {
        &self.manifest.id
    }

    /// Sets what the operator grants.
    #[must_use]
    pub fn grants(mut self, grants: GrantSet) -> Self {
        self.grants = grants;
        self
    }

    /// Configuration values by key, as text or with their source, which errors
    /// then name.
    #[must_use]
    pub fn config<V: Into<ConfigValue>>(
        mut self,
        config: impl IntoIterator<Item = (String, V)>,
    ) -> Self {
        let values = config.into_iter().map(|(key, value)| (key, value.into()));
        self.config = values.collect();
        self
    }
}
