//! The embedder's sink, whose panics cost the lines that it was given and nothing else.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::SystemTime;

use super::{FieldValue, LineSource, LogLevel, LogLine, LogSink};
use crate::cause::panic_text;

/// A sink, and what its panics have cost since it last wrote.
pub(super) struct Guarded {
    sink: Box<dyn LogSink>,
    lost: u64,
    why: String,
}

impl Guarded {
    pub(super) fn new(sink: Box<dyn LogSink>) -> Self {
        Self {
            sink,
            lost: 0,
            why: String::new(),
        }
    }

    /// Writes the lines, after a line about those that were lost before.
    pub(super) fn write(&mut self, lines: &mut Vec<LogLine>) {
        let new = lines.len() as u64;
        if self.lost > 0 {
            lines.insert(0, self.note());
        }
        let sink = &mut self.sink;
        match catch_unwind(AssertUnwindSafe(|| sink.write(lines))) {
            Ok(()) => self.lost = 0,
            Err(panic) => {
                self.lost += new;
                self.panicked(&*panic);
            }
        }
    }

    pub(super) fn tick(&mut self) {
        let sink = &mut self.sink;
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| sink.tick())) {
            self.panicked(&*panic);
        }
    }

    fn panicked(&mut self, panic: &(dyn Any + Send)) {
        self.why = panic_text(panic);
        let Self { lost, why, .. } = self;
        tracing::error!(lost, "the log's sink panicked: {why}");
    }

    fn note(&self) -> LogLine {
        let Self { lost, why, .. } = self;
        LogLine {
            time: SystemTime::now(),
            level: LogLevel::Error,
            origin: None,
            source: LineSource::Host,
            message: format!("{lost} log lines were lost: the log's sink panicked: {why}"),
            fields: vec![("lost".to_owned(), FieldValue::count(*lost))],
        }
    }
}
