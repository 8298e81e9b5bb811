//! One call of one import each. Only a component has imports to call.

#[cfg(target_family = "wasm")]
#[allow(missing_docs, unreachable_pub, unsafe_code, clippy::all)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../../wit",
        inline: "
            package boll:bench-guest;
            world imports {
                import boll:log/log@0.2.0;
                import boll:config/config@0.2.0;
            }
        ",
        type_section_suffix: "raw-bench",
        generate_all,
    });
}

#[cfg(target_family = "wasm")]
mod calls {
    use std::hint::black_box;

    use super::bindings::boll::config::config;
    use super::bindings::boll::log::log::{self, Level};

    const MESSAGE: &str = "a line of sixty-four bytes, which is what many a log line holds.";
    const _: () = assert!(MESSAGE.len() == 64);

    pub(crate) fn log_info() {
        black_box(log::emit(Level::Info, MESSAGE, &[]).is_ok());
    }

    pub(crate) fn log_debug() {
        black_box(log::emit(Level::Debug, MESSAGE, &[]).is_ok());
    }

    pub(crate) fn config() {
        black_box(config::get("name").is_ok());
    }
}

#[cfg(not(target_family = "wasm"))]
mod calls {
    pub(crate) fn log_info() {}

    pub(crate) fn log_debug() {}

    pub(crate) fn config() {}
}

pub(crate) use calls::{config, log_debug, log_info};
