//! Hands the lines that a process writes to a log, and what the host has to say of it.

use std::sync::Arc;

use crate::lines::LineBuffer;

/// Takes the lines that processes write to streams kept as a log.
///
/// It is called from the task that waits for the process, so it must not block.
pub(crate) trait LineSink: Send + Sync {
    /// Takes a line.
    fn line(&self, line: Line<'_>);
    /// Takes notice of a process that nothing confines, just before it starts.
    fn unconfined(&self, start: Unconfined<'_>);
}

/// The start of a process that nothing confines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unconfined<'a> {
    /// The program as the capsule named it.
    pub(crate) program: &'a str,
    /// How many arguments it is started with.
    pub(crate) arguments: usize,
    /// The grant for the program, in the operator's words.
    pub(crate) rule: &'a str,
}

/// One line of a process's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// A random id of the process.
    pub(crate) process: uuid::Uuid,
    /// The program as the capsule named it.
    pub(crate) program: &'a str,
    /// The command's label.
    pub(crate) label: Option<&'a str>,
    /// Where it was written.
    pub(crate) stream: OutputStream,
    /// Without its end, at most 8 KiB; bytes that are no UTF-8 are replaced.
    pub(crate) text: &'a str,
}

/// A stream that a process writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// Whose lines these are.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) process: uuid::Uuid,
    pub(super) program: String,
    pub(super) label: Option<String>,
    pub(super) stream: OutputStream,
}

/// A stream that is kept as a log.
pub(super) struct LineStream {
    sink: Arc<dyn LineSink>,
    source: Source,
    begun: LineBuffer,
}

impl LineStream {
    pub(super) fn new(sink: Arc<dyn LineSink>, source: Source) -> Self {
        Self {
            sink,
            source,
            begun: LineBuffer::default(),
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        let Self {
            sink,
            source,
            begun,
        } = self;
        begun.push(bytes, |text| sink.line(source.line(text)));
    }

    /// Hands over a last line that has no end.
    pub(super) fn finish(&mut self) {
        let Self {
            sink,
            source,
            begun,
        } = self;
        begun.finish(|text| sink.line(source.line(text)));
    }
}

impl Source {
    fn line<'a>(&'a self, text: &'a str) -> Line<'a> {
        Line {
            process: self.process,
            program: &self.program,
            label: self.label.as_deref(),
            stream: self.stream,
            text,
        }
    }
}
