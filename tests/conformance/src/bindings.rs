//! The bindings that are generated from the WIT files.
#![allow(missing_docs, unreachable_pub, unsafe_code, clippy::all)]

wit_bindgen::generate!({
    path: ["../../wit", "wit"],
    world: "boll:conformance/guest",
    generate_all,
    additional_derives: [PartialEq],
    additional_derives_ignore: ["stream-error"],
    pub_export_macro: true,
    export_macro_name: "export_guest",
    default_bindings_module: "::boll_conformance::private::bindings",
});

/// What a service exports besides.
pub mod run {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "
            package boll:conformance-guests;

            world runs {
                export boll:lifecycle/run@0.2.0;
            }
        ",
        world: "boll:conformance-guests/runs",
        pub_export_macro: true,
        export_macro_name: "export_run",
        default_bindings_module: "::boll_conformance::private::run",
    });
}

/// What one exports that is told of its installation.
pub mod install {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "boll:capsule/installs",
        pub_export_macro: true,
        export_macro_name: "export_install",
        default_bindings_module: "::boll_conformance::private::install",
    });
}

/// What one exports that is told of its upgrades.
pub mod upgrade {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "boll:capsule/upgrades",
        pub_export_macro: true,
        export_macro_name: "export_upgrade",
        default_bindings_module: "::boll_conformance::private::upgrade",
    });
}
