//! Sinks: one that does what a real one does but for the system call, and a
//! count of what a sink has written.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use boll_host::services::log::{JsonFormat, LineFormat, LogLine, LogSink};

/// Formats lines as JSON into a buffer.
pub(crate) struct BufferSink(String);

/// Counts the lines that a sink has written.
pub(crate) struct Counted<S> {
    sink: S,
    written: Written,
}

/// How many lines have reached the sink.
#[derive(Clone, Default)]
pub(crate) struct Written(Arc<AtomicU64>);

const BUFFER: usize = 64 << 10;

impl BufferSink {
    pub(crate) fn new() -> Self {
        Self(String::with_capacity(2 * BUFFER))
    }
}

impl LogSink for BufferSink {
    fn write(&mut self, lines: &[LogLine]) {
        for line in lines {
            JsonFormat.format(line, &mut self.0);
            self.0.push('\n');
            if self.0.len() > BUFFER {
                std::hint::black_box(&self.0);
                self.0.clear();
            }
        }
    }
}

impl<S> Counted<S> {
    pub(crate) fn new(sink: S, written: Written) -> Self {
        Self { sink, written }
    }
}

impl<S: LogSink> LogSink for Counted<S> {
    fn write(&mut self, lines: &[LogLine]) {
        self.sink.write(lines);
        let count = lines.len() as u64;
        self.written.0.fetch_add(count, Ordering::Release);
    }

    fn tick(&mut self) {
        self.sink.tick();
    }
}

impl Written {
    pub(crate) fn count(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Waits for a count. One that does not come means that lines were dropped.
    pub(crate) fn wait_for(&self, count: u64) {
        for _ in 0..10_000 {
            if self.count() >= count {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        panic!("{} of {count} lines written", self.count());
    }
}
