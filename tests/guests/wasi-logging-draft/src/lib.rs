//! A capsule that logs through wasi:logging 0.1.0-draft.

#[cfg(target_family = "wasm")]
#[path = "../../wasi-logging-lines.rs"]
mod lines;

#[cfg(target_family = "wasm")]
#[allow(missing_docs, unreachable_pub, unsafe_code, clippy::all)]
mod bindings {
    wit_bindgen::generate!({
        inline: "
            package boll:test-wasi-logging;

            world logging {
                import wasi:logging/logging@0.1.0-draft;
            }

            package wasi:logging@0.1.0-draft {
                interface logging {
                    enum level { trace, debug, info, warn, error, critical }
                    log: func(level: level, context: string, message: string);
                }
            }
        ",
        world: "boll:test-wasi-logging/logging",
        generate_all,
    });
}

/// The capsule.
pub struct Logging;

#[boll_sdk::capsule]
impl Logging {
    /// Writes a line of each level, and some that are not ordinary.
    pub fn lines() -> Result<(), boll_sdk::Failure> {
        #[cfg(target_family = "wasm")]
        lines::write();
        Ok(())
    }
}
