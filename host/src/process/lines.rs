//! Cuts a stream of bytes into lines for a log.

use std::sync::Arc;

use super::service::Owner;

/// The longest line, in bytes; a longer one is cut.
const LONGEST: usize = 8 << 10;

/// Takes the lines that processes write to streams kept as a log.
///
/// It is called from the task that waits for the process, so it must not block.
pub trait LineSink: Send + Sync {
    /// Takes a line.
    fn line(&self, line: Line<'_>);
}

/// One line of a process's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Whose process wrote it.
    pub owner: &'a Owner,
    /// A random id of the process.
    pub process: uuid::Uuid,
    /// The program as the capsule named it.
    pub program: &'a str,
    /// The command's label.
    pub label: Option<&'a str>,
    /// Where it was written.
    pub stream: OutputStream,
    /// Without its end, at most 8 KiB; bytes that are no UTF-8 are replaced.
    pub text: &'a str,
}

/// A stream that a process writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// Whose lines these are.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) owner: Arc<Owner>,
    pub(super) process: uuid::Uuid,
    pub(super) program: String,
    pub(super) label: Option<String>,
    pub(super) stream: OutputStream,
}

/// Collects bytes until a line is complete.
pub(super) struct LineSplitter {
    sink: Arc<dyn LineSink>,
    source: Source,
    begun: Vec<u8>,
}

impl LineSplitter {
    pub(super) fn new(sink: Arc<dyn LineSink>, source: Source) -> Self {
        Self {
            sink,
            source,
            begun: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, mut bytes: &[u8]) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let (line, rest) = bytes.split_at(end);
            self.extend(line);
            self.flush(self.begun.len());
            bytes = rest.get(1..).unwrap_or_default();
        }
        self.extend(bytes);
    }

    /// Hands over a last line that has no end.
    pub(super) fn finish(&mut self) {
        if !self.begun.is_empty() {
            self.flush(self.begun.len());
        }
    }

    fn extend(&mut self, mut bytes: &[u8]) {
        while self.begun.len() + bytes.len() > LONGEST {
            let (part, rest) = bytes.split_at(LONGEST - self.begun.len());
            self.begun.extend(part);
            bytes = rest;
            self.flush(whole_characters(&self.begun));
        }
        self.begun.extend(bytes);
    }

    /// Hands over the first `len` bytes as a line, and keeps the rest.
    fn flush(&mut self, len: usize) {
        let rest = self.begun.split_off(len);
        let source = &self.source;
        self.sink.line(Line {
            owner: &source.owner,
            process: source.process,
            program: &source.program,
            label: source.label.as_deref(),
            stream: source.stream,
            text: &String::from_utf8_lossy(&self.begun),
        });
        self.begun = rest;
    }
}

/// How many bytes there are without a character that is cut off at the end.
fn whole_characters(bytes: &[u8]) -> usize {
    for back in 1..=3.min(bytes.len()) {
        let at = bytes.len() - back;
        let needed = match bytes[at] {
            0xc0..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf7 => 4,
            0x80..=0xbf => continue,
            _ => 1,
        };
        return if needed > back { at } else { bytes.len() };
    }
    bytes.len()
}

#[cfg(test)]
mod tests;
