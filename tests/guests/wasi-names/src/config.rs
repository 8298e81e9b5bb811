//! Reads the configuration, once for each name of `wasi:config/store`.

/// A module that reads it by one of the names.
macro_rules! reader {
    ($name:ident, $package:ident) => {
        pub(crate) mod $name {
            use boll_sdk::Failure;
            use serde_json::{Value, json};

            use crate::bindings::wasi::$package::store;

            /// All configuration, the value of a key, and that of a key that is too long.
            pub(crate) fn read(key: &str) -> Result<Value, Failure> {
                let failed = |error: store::Error| Failure::new(format!("{error:?}"));
                let all = store::get_all().map_err(failed)?;
                let get = store::get(key).map_err(failed)?;
                let long = store::get(&"k".repeat(5_000)).map_err(|error| format!("{error:?}"));
                Ok(json!({ "all": all, "get": get, "long": long }))
            }
        }
    };
}

reader!(rc, config0_2_0_rc_1);
reader!(dated, config0_2_0_draft_2024_09_27);
reader!(draft, config0_2_0_draft);
