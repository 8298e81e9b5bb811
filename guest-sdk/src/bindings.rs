//! The bindings that are generated from the WIT files.
//!
//! Functions that a capsule never calls are left out by the linker, and with
//! the last function of an interface its import.
#![allow(missing_docs, unreachable_pub, unsafe_code, clippy::all)]

wit_bindgen::generate!({
    path: "wit",
    world: "boll:capsule/capsule-streams",
    generate_all,
    pub_export_macro: true,
    export_macro_name: "export_capsule",
    default_bindings_module: "::boll_sdk::bindings",
});
