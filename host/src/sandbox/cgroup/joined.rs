//! The groups that a command has joined before anybody knows what it is.

use std::io;
use std::sync::Arc;

use super::{Cgroups, Groups, TreeLimits};
use crate::sandbox::control::Control;

/// They are given back with the last that holds them.
#[derive(Debug)]
pub(in crate::sandbox) struct Joined {
    groups: Option<Arc<Groups>>,
}

impl Joined {
    /// Makes the groups that limits of these kinds need, and has the process that
    /// waits for its command join them.
    pub(in crate::sandbox) fn make(
        cgroups: &Arc<Cgroups>,
        limits: TreeLimits,
        control: &mut Control,
    ) -> io::Result<Self> {
        let groups = cgroups.groups(limits)?;
        if let Some(groups) = &groups {
            control.join(&groups.entrances()?)?;
        }
        control.limit(groups.clone());
        Ok(Self { groups })
    }

    /// Has the groups hold the command to its own limits.
    pub(in crate::sandbox) fn limit(&self, limits: TreeLimits) -> io::Result<()> {
        match &self.groups {
            Some(groups) => groups.limit(limits),
            None => Ok(()),
        }
    }

    pub(in crate::sandbox) fn groups(&self) -> Option<Arc<Groups>> {
        self.groups.clone()
    }
}
