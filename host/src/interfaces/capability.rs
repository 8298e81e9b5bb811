//! `boll:capability/capability`.

use super::CallContext;
use crate::bindings::boll::capability::capability::{Grant, Host};
use crate::capsule::CapsuleUuid;

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
