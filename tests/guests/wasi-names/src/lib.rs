//! A capsule that reads configuration through `wasi:config` and logs through
//! `wasi:logging`, each imported by every name that the host serves. Has an action a name.

#[cfg(target_family = "wasm")]
mod config;
#[cfg(target_family = "wasm")]
mod logging;

#[cfg(target_family = "wasm")]
#[allow(missing_docs, unreachable_pub, unsafe_code, clippy::all)]
mod bindings {
    wit_bindgen::generate!({
        path: "wit",
        world: "boll:test-wasi-names/names",
        generate_all,
    });
}

use boll_sdk::{Event, Failure, Json};
use serde_json::Value;

/// The capsule.
pub struct Names;

#[boll_sdk::capsule]
impl Names {
    /// Answers with all configuration and with the value of the key in the payload.
    pub fn config_rc(event: Event) -> Result<Json<Value>, Failure> {
        #[cfg(target_family = "wasm")]
        return config::rc::read(event.text()?).map(Json);
        #[cfg(not(target_family = "wasm"))]
        only_a_host_has(event)
    }

    /// The same by the name of a draft.
    pub fn config_draft(event: Event) -> Result<Json<Value>, Failure> {
        #[cfg(target_family = "wasm")]
        return config::draft::read(event.text()?).map(Json);
        #[cfg(not(target_family = "wasm"))]
        only_a_host_has(event)
    }

    /// The same by the name of a day's draft.
    pub fn config_dated(event: Event) -> Result<Json<Value>, Failure> {
        #[cfg(target_family = "wasm")]
        return config::dated::read(event.text()?).map(Json);
        #[cfg(not(target_family = "wasm"))]
        only_a_host_has(event)
    }

    /// Writes a line of each level, and some that are not ordinary.
    pub fn lines_draft() -> Result<(), Failure> {
        #[cfg(target_family = "wasm")]
        logging::draft::write();
        Ok(())
    }

    /// The same by the name without a version.
    pub fn lines_unversioned() -> Result<(), Failure> {
        #[cfg(target_family = "wasm")]
        logging::unversioned::write();
        Ok(())
    }
}

#[cfg(not(target_family = "wasm"))]
fn only_a_host_has(event: Event) -> Result<Json<Value>, Failure> {
    Err(Failure::new(format!("only a host has `{}`", event.text()?)))
}
