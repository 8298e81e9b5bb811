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

/// What a service exports, and nothing else: the world `service` has imports,
/// which this file has already.
pub mod run {
    wit_bindgen::generate!({
        path: "wit",
        inline: "
            package boll:sdk;

            world runs {
                export boll:lifecycle/run@0.2.0;
            }
        ",
        world: "boll:sdk/runs",
        pub_export_macro: true,
        export_macro_name: "export_run",
        default_bindings_module: "::boll_sdk::bindings::run",
    });
}

/// The add-on of a capsule that is told of its installation.
pub mod install {
    wit_bindgen::generate!({
        path: "wit",
        world: "boll:capsule/installs",
        pub_export_macro: true,
        export_macro_name: "export_install",
        default_bindings_module: "::boll_sdk::bindings::install",
    });
}

/// The add-on of a capsule that is told of its upgrades.
pub mod upgrade {
    wit_bindgen::generate!({
        path: "wit",
        world: "boll:capsule/upgrades",
        pub_export_macro: true,
        export_macro_name: "export_upgrade",
        default_bindings_module: "::boll_sdk::bindings::upgrade",
    });
}
