//! What `boll check` says of a toolchain that the operator gives processes.

use std::fmt;

use serde::Serialize;

use crate::operator::{Found, Tool};

/// A toolchain that the operator gives processes.
#[derive(Serialize)]
pub(super) struct Toolchain {
    name: Tool,
    #[serde(flatten)]
    found: Found,
}

impl Toolchain {
    pub(super) fn of((name, found): &(Tool, Found)) -> Self {
        Self {
            name: *name,
            found: found.clone(),
        }
    }
}

impl fmt::Display for Toolchain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name.name(), self.found)
    }
}
