//! Logs, once for each name of `wasi:logging/logging`.

/// A module that logs by one of the names.
macro_rules! logger {
    ($name:ident, $package:ident) => {
        pub(crate) mod $name {
            use crate::bindings::wasi::$package::logging::{Level, log};

            /// Writes a line of each level, one that could forge another, one without a
            /// context, and one that is larger than the host's limit.
            pub(crate) fn write() {
                for (level, name) in [
                    (Level::Trace, "trace"),
                    (Level::Debug, "debug"),
                    (Level::Info, "info"),
                    (Level::Warn, "warn"),
                    (Level::Error, "error"),
                    (Level::Critical, "critical"),
                ] {
                    log(level, "a context", name);
                }
                log(Level::Info, "a\ncontext", "a\n{\"message\":\"forged\"}");
                log(Level::Info, "", "no context");
                log(Level::Info, "context", &"x".repeat(70_000));
                log(Level::Info, "context", "after");
            }
        }
    };
}

logger!(draft, logging0_1_0_draft);
logger!(unversioned, logging);
