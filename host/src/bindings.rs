//! The host's side of the WIT packages, generated. The only `bindgen!`.
//!
//! The world lists what this host implements. An interface of `wit/` that is
//! not here is not linked: a component that imports it is refused when it is
//! loaded.

#![allow(missing_docs, unreachable_pub, clippy::all)]

wasmtime::component::bindgen!({
    path: "wit",
    inline: "
        package boll:host@0.2.0;

        world capsule {
            import boll:log/log@0.2.0;
            import boll:config/config@0.2.0;
            import boll:capability/capability@0.2.0;
            import boll:lifecycle/lifecycle@0.2.0;
            import boll:process/process@0.2.0;
            export boll:hook/handler@0.2.0;
        }
    ",
    world: "boll:host/capsule",
    imports: {
        "boll:process/process.run": async,
    },
    exports: { default: async },
});
