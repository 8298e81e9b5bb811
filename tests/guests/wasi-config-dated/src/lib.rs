//! A capsule that reads its configuration through `wasi:config/store`, imported
//! as the draft of a day.

#[cfg(target_family = "wasm")]
#[path = "../../wasi-config-read.rs"]
mod read;

#[cfg(target_family = "wasm")]
#[allow(missing_docs, unreachable_pub, unsafe_code, clippy::all)]
mod bindings {
    wit_bindgen::generate!({
        inline: "
            package boll:test-wasi-config-dated;

            world store {
                import wasi:config/store@0.2.0-draft-2024-09-27;
            }

            package wasi:config@0.2.0-draft-2024-09-27 {
                interface store {
                    variant error {
                        upstream(string),
                        io(string),
                    }
                    get: func(key: string) -> result<option<string>, error>;
                    get-all: func() -> result<list<tuple<string, string>>, error>;
                }
            }
        ",
        world: "boll:test-wasi-config-dated/store",
        generate_all,
    });
}

use boll_sdk::{Event, Failure, Json};
use serde_json::Value;

/// The capsule.
pub struct Store;

#[boll_sdk::capsule]
impl Store {
    /// Answers with all configuration and with the value of the key in the
    /// payload.
    pub fn config(event: Event) -> Result<Json<Value>, Failure> {
        let key = event.text()?;
        #[cfg(target_family = "wasm")]
        return read::read(key).map(Json);
        #[cfg(not(target_family = "wasm"))]
        Err(Failure::new(format!("only a host has `{key}`")))
    }
}
