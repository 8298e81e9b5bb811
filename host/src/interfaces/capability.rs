//! `boll:capability/capability`, and the denials of other interfaces.

use super::CallContext;
use crate::bindings::boll::capability::capability::{Grant, Host};
use crate::bindings::boll::capability::denial as wit;
use crate::capsule::CapsuleUuid;
use crate::policy::Denial;

impl Host for CallContext {
    fn check(&mut self, capsule: String, name: String) -> bool {
        CapsuleUuid::parse(&capsule)
            .and_then(|uuid| self.loaded(uuid))
            .is_some_and(|capsule| capsule.held().iter().any(|held| held.name == name))
    }

    fn held(&mut self) -> Vec<Grant> {
        self.current()
            .map(|capsule| capsule.held())
            .unwrap_or_default()
            .into_iter()
            .map(|held| Grant {
                name: held.name,
                scope: held.scope,
            })
            .collect()
    }
}

/// It has types only.
impl wit::Host for CallContext {}

impl From<Denial> for wit::Denial {
    fn from(denial: Denial) -> Self {
        Self {
            reason: denial.reason.to_string(),
            capability: denial.capability,
        }
    }
}
