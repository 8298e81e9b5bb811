//! The host's side of the WIT packages, generated. The only file with `bindgen!`.
//!
//! The world has all that the contract's widest world has. What is linked is in the
//! table of the interfaces: a component that imports anything else is refused when it
//! is loaded.

#![allow(missing_docs, unreachable_pub, clippy::all)]

wasmtime::component::bindgen!({
    path: "wit",
    inline: "
        package boll:host@0.2.0;

        world capsule {
            include boll:capsule/capsule-streams@0.2.0;
            import wasi:logging/logging;
            import wasi:logging/logging@0.1.0-draft;
        }

        package wasi:logging {
            interface logging {
                enum level { trace, debug, info, warn, error, critical }
                log: func(level: level, context: string, message: string);
            }
        }

        package wasi:logging@0.1.0-draft {
            interface logging {
                enum level { trace, debug, info, warn, error, critical }
                log: func(level: level, context: string, message: string);
            }
        }
    ",
    world: "boll:host/capsule",
    imports: {
        "boll:hook/hook": async,
        "boll:process/process.run": async,
        "boll:process/children.spawn": async | trappable,
        "boll:process/children.attach": trappable,
        "boll:process/children.[method]child.id": trappable,
        "boll:process/children.[method]child.close-stdin": trappable,
        "boll:process/children.[method]child.write": async | trappable,
        "boll:process/children.[method]child.read": async | trappable,
        "boll:process/children.[method]child.status": async | trappable,
        "boll:process/children.[method]child.wait": async | trappable,
        "boll:process/children.[method]child.signal": async | trappable,
        "boll:process/children.[method]child.stop": async | trappable,
        "boll:process/children.[method]child.kill": async | trappable,
        "boll:process/children.[method]child.detach": async | trappable,
        "boll:process/streams.stdin": trappable,
        "boll:process/streams.output": trappable,
        "boll:process/streams.exited": trappable,
    },
    exports: { default: async },
    with: {
        "boll:process/children.child": crate::process::child::Child,
        "wasi:io": wasmtime_wasi::p2::bindings::io,
    },
});

/// The exports of a service capsule and of the add-ons, each in a world of its
/// own: a component has any of them.
pub mod lifecycle {
    /// The run loop.
    pub mod run {
        wasmtime::component::bindgen!({
            path: "wit",
            inline: "
                package boll:host@0.2.0;

                world runs {
                    export boll:lifecycle/run@0.2.0;
                }
            ",
            world: "boll:host/runs",
            exports: { default: async },
        });
    }

    /// What is called when a capsule is first loaded.
    pub mod install {
        wasmtime::component::bindgen!({
            path: "wit",
            world: "boll:capsule/installs",
            exports: { default: async },
        });
    }

    /// What is called when its version rises.
    pub mod upgrade {
        wasmtime::component::bindgen!({
            path: "wit",
            world: "boll:capsule/upgrades",
            exports: { default: async },
        });
    }
}
