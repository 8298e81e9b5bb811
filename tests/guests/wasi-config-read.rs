//! Reads the configuration, for the guests with each of the names of
//! `wasi:config/store`.

use boll_sdk::Failure;
use serde_json::{Value, json};

use super::bindings::wasi::config::store;

/// All configuration, the value of a key, and that of a key that is too long.
pub(crate) fn read(key: &str) -> Result<Value, Failure> {
    let failed = |error: store::Error| Failure::new(format!("{error:?}"));
    let all = store::get_all().map_err(failed)?;
    let get = store::get(key).map_err(failed)?;
    let long = store::get(&"k".repeat(5_000)).map_err(|error| format!("{error:?}"));
    Ok(json!({ "all": all, "get": get, "long": long }))
}
