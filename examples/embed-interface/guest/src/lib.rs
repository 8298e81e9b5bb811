//! Reads and writes the key-value store of the program that runs it.
#![cfg(target_family = "wasm")]

#[allow(missing_docs, unreachable_pub, unsafe_code, clippy::all)]
mod bindings {
    wit_bindgen::generate!({ path: "../wit", world: "host" });
}

use bindings::acme::keyvalue::store;
use boll_sdk::{Failure, Json};

/// The capsule.
pub struct KeyValue;

#[boll_sdk::capsule]
impl KeyValue {
    /// Keeps a text under a key.
    pub fn set(Json((key, value)): Json<(String, String)>) -> Result<(), Failure> {
        store::set(&key, &value).map_err(refused)
    }

    /// Answers with the text under a key, or null.
    pub fn get(Json(key): Json<String>) -> Result<Json<Option<String>>, Failure> {
        store::get(&key).map(Json).map_err(refused)
    }
}

fn refused(error: store::Error) -> Failure {
    Failure::new(match error {
        store::Error::Denied(why) => why,
        store::Error::TooLarge(limit) => format!("a value has at most {limit} bytes"),
    })
}
