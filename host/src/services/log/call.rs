//! The log as one call writes to it: every line has the call's origin, and
//! counts against what its capsule may log.

use std::sync::Arc;
use std::time::SystemTime;

use super::rate::Allowance;
use super::room::Words;
use super::{FieldValue, LineSource, LogLevel, LogLine, LogService, Origin};

/// The log of one call, and of what it started.
pub(crate) struct CallLog {
    service: LogService,
    origin: Arc<Origin>,
    allowance: Arc<Allowance>,
}

impl LogService {
    /// The log of a call.
    pub(crate) fn of(&self, origin: Arc<Origin>) -> Arc<CallLog> {
        Arc::new(CallLog {
            service: self.clone(),
            allowance: self.allowance(&origin.capsule),
            origin,
        })
    }
}

impl CallLog {
    /// Whose lines these are.
    pub(crate) fn origin(&self) -> &Arc<Origin> {
        &self.origin
    }

    pub(crate) fn enabled(&self, level: LogLevel) -> bool {
        self.service.enabled(level)
    }

    pub(crate) fn max_line(&self) -> u64 {
        self.service.max_line()
    }

    /// Queues a line of the capsule, or of what it started; never blocks.
    pub(crate) fn emit(
        &self,
        level: LogLevel,
        source: LineSource,
        message: String,
        fields: Vec<(String, FieldValue)>,
    ) {
        self.queue(level, source, message, fields, |line, size| {
            self.allowance.take(line.time, size)
        });
    }

    /// Queues what the host has to say of the call. A capsule that floods the
    /// log does not keep it out.
    pub(crate) fn note(&self, level: LogLevel, message: String, fields: Vec<(String, FieldValue)>) {
        self.queue(level, LineSource::Host, message, fields, |_, _| true);
    }

    fn queue(
        &self,
        level: LogLevel,
        source: LineSource,
        message: String,
        fields: Vec<(String, FieldValue)>,
        is_allowed: impl FnOnce(&LogLine, usize) -> bool,
    ) {
        if !self.enabled(level) {
            return;
        }
        let line = LogLine {
            time: SystemTime::now(),
            level,
            origin: Some(Arc::clone(&self.origin)),
            source,
            message,
            fields,
        };
        let size = line.size();
        if is_allowed(&line, size) {
            let words = match line.source {
                LineSource::Host => Words::Host,
                _ => Words::Capsule,
            };
            self.service.queue(line, size, words, &self.allowance);
        }
    }
}
