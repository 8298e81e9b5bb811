//! A sink that does what a real one does, but for the system call.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use boll_host::services::log::{JsonFormat, LineFormat, LogLine, LogSink};

/// Formats lines as JSON into a buffer.
pub(crate) struct BufferSink {
    buffer: String,
    written: Written,
}

/// How many lines have reached the sink.
#[derive(Clone, Default)]
pub(crate) struct Written(Arc<AtomicU64>);

const BUFFER: usize = 64 << 10;

impl BufferSink {
    pub(crate) fn new(written: Written) -> Self {
        Self {
            buffer: String::with_capacity(2 * BUFFER),
            written,
        }
    }
}

impl LogSink for BufferSink {
    fn write(&mut self, lines: &[LogLine]) {
        for line in lines {
            JsonFormat.format(line, &mut self.buffer);
            self.buffer.push('\n');
            if self.buffer.len() > BUFFER {
                std::hint::black_box(&self.buffer);
                self.buffer.clear();
            }
        }
        self.written
            .0
            .fetch_add(lines.len() as u64, Ordering::Release);
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
