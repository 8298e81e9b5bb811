//! `wasi:logging/logging`, as the draft 0.1.0 and without a version.
//!
//! It has no error, so that lines that cannot be written are reported in the log.

use super::CallContext;
use crate::bindings::wasi::logging::logging as unversioned;
use crate::bindings::wasi::logging0_1_0_draft::logging as draft;
use crate::services::log::{FieldValue, LineSource, LogLevel};

/// The levels of both.
enum Level {
    Known(LogLevel),
    Critical,
}

impl CallContext {
    fn log_in_context(&mut self, level: Level, context: String, message: String) {
        let (level, critical) = match level {
            Level::Known(level) => (level, false),
            Level::Critical => (LogLevel::Error, true),
        };
        if !self.log.enabled(level) {
            return;
        }
        let (size, limit) = (context.len() + message.len(), self.log.max_line());
        if size as u64 > limit {
            let message = format!("a line of {size} bytes dropped: a line may have {limit}");
            self.log
                .emit(LogLevel::Warn, LineSource::Host, message, Vec::new());
            return;
        }
        let mut fields = Vec::new();
        if !context.is_empty() {
            fields.push(("context".to_owned(), FieldValue::Text(context)));
        }
        if critical {
            fields.push(("critical".to_owned(), FieldValue::Boolean(true)));
        }
        self.log.emit(level, LineSource::Capsule, message, fields);
    }
}

impl draft::Host for CallContext {
    fn log(&mut self, level: draft::Level, context: String, message: String) {
        self.log_in_context(level.into(), context, message);
    }
}

impl unversioned::Host for CallContext {
    fn log(&mut self, level: unversioned::Level, context: String, message: String) {
        self.log_in_context(level.into(), context, message);
    }
}

macro_rules! level_from {
    ($level:ty) => {
        impl From<$level> for Level {
            fn from(level: $level) -> Self {
                match level {
                    <$level>::Trace => Self::Known(LogLevel::Trace),
                    <$level>::Debug => Self::Known(LogLevel::Debug),
                    <$level>::Info => Self::Known(LogLevel::Info),
                    <$level>::Warn => Self::Known(LogLevel::Warn),
                    <$level>::Error => Self::Known(LogLevel::Error),
                    <$level>::Critical => Self::Critical,
                }
            }
        }
    };
}

level_from!(draft::Level);
level_from!(unversioned::Level);
