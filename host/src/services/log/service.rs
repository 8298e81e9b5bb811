//! The queue between those who emit lines and the one thread that writes them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::time::SystemTime;

use super::{LineSource, LogLevel, LogLine};

/// Where lines end up. Called by one thread, several lines at a time.
pub trait LogSink: Send + 'static {
    /// Writes lines in their order. What goes wrong is the sink's to report:
    /// a log that cannot be written stops nothing.
    fn write(&mut self, lines: &[LogLine]);
}

/// Hands lines to `tracing`, target `boll::capsule`. The sink of a runtime that
/// was given no other.
#[derive(Debug, Default)]
pub struct TracingSink;

impl LogSink for TracingSink {
    fn write(&mut self, lines: &[LogLine]) {
        for line in lines {
            let capsule = line.origin.as_ref().map(|origin| origin.capsule.as_str());
            let call = line
                .origin
                .as_ref()
                .and_then(|origin| origin.call_id.as_deref());
            let LogLine {
                message, fields, ..
            } = line;
            macro_rules! forward {
                ($level:ident) => {
                    tracing::$level!(target: "boll::capsule", capsule, call, ?fields, "{}", message.escape_debug())
                };
            }
            match line.level {
                LogLevel::Trace => forward!(trace),
                LogLevel::Debug => forward!(debug),
                LogLevel::Info => forward!(info),
                LogLevel::Warn => forward!(warn),
                LogLevel::Error => forward!(error),
            }
        }
    }
}

/// How a runtime logs.
#[derive(Debug, Clone, Copy)]
pub struct LogSettings {
    /// Lines below it are not written.
    pub level: LogLevel,
    /// Lines that may wait for the writer; more are dropped, and counted.
    pub queue: usize,
    /// The bytes of all lines that may wait for the writer; likewise.
    pub queue_bytes: usize,
    /// The bytes that one line's message, keys and text values may have.
    pub max_line: u64,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            level: LogLevel::Info,
            queue: 8192,
            queue_bytes: 16 << 20,
            max_line: 64 << 10,
        }
    }
}

enum Entry {
    Line(LogLine),
    Flush(mpsc::Sender<()>),
}

/// The emitting side. Cheap to clone; the writer ends with the last clone.
#[derive(Clone)]
pub(crate) struct LogService {
    queue: SyncSender<Entry>,
    counts: Arc<Counts>,
    settings: LogSettings,
}

#[derive(Default)]
struct Counts {
    /// Bytes of lines that wait for the writer.
    waiting: AtomicUsize,
    /// Lines dropped since the log last said so.
    dropped: AtomicU64,
}

const BATCH: usize = 256;

impl LogService {
    pub(crate) fn start(settings: LogSettings, sink: Box<dyn LogSink>) -> std::io::Result<Self> {
        let (queue, entries) = mpsc::sync_channel(settings.queue.max(1));
        let counts = Arc::<Counts>::default();
        let writer = Writer {
            entries,
            counts: Arc::clone(&counts),
            sink,
        };
        std::thread::Builder::new()
            .name("boll-log".to_owned())
            .spawn(move || writer.run())?;
        Ok(Self {
            queue,
            counts,
            settings,
        })
    }

    pub(crate) fn enabled(&self, level: LogLevel) -> bool {
        level >= self.settings.level
    }

    pub(crate) fn max_line(&self) -> u64 {
        self.settings.max_line
    }

    /// Queues a line; never blocks.
    pub(crate) fn emit(&self, line: LogLine) {
        if !self.enabled(line.level) {
            return;
        }
        let Counts { waiting, dropped } = &*self.counts;
        let size = line.size();
        let room = waiting.fetch_add(size, Ordering::Relaxed) + size <= self.settings.queue_bytes;
        if !room || self.queue.try_send(Entry::Line(line)).is_err() {
            waiting.fetch_sub(size, Ordering::Relaxed);
            dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until every line that was queued before is written. Blocks.
    pub(crate) fn flush(&self) {
        let (done, wait) = mpsc::channel();
        if self.queue.send(Entry::Flush(done)).is_ok() {
            // An error means that the writer is gone, with nothing left to write.
            let _ = wait.recv();
        }
    }
}

struct Writer {
    entries: Receiver<Entry>,
    counts: Arc<Counts>,
    sink: Box<dyn LogSink>,
}

impl Writer {
    fn run(mut self) {
        let mut lines = Vec::with_capacity(BATCH);
        while let Ok(first) = self.entries.recv() {
            let mut next = Some(first);
            let mut flushed = Vec::new();
            while let Some(entry) = next {
                match entry {
                    Entry::Line(line) => lines.push(line),
                    Entry::Flush(done) => flushed.push(done),
                }
                next = (lines.len() < BATCH)
                    .then(|| self.entries.try_recv().ok())
                    .flatten();
            }
            let written = lines.iter().map(LogLine::size).sum();
            lines.extend(self.dropped_line());
            self.sink.write(&lines);
            lines.clear();
            // Only now: what the sink still holds is memory too.
            self.counts.waiting.fetch_sub(written, Ordering::Relaxed);
            for done in flushed {
                // Whoever waited may have gone.
                let _ = done.send(());
            }
        }
        lines.extend(self.dropped_line());
        self.sink.write(&lines);
    }

    fn dropped_line(&self) -> Option<LogLine> {
        let dropped = self.counts.dropped.swap(0, Ordering::Relaxed);
        (dropped > 0).then(|| LogLine {
            time: SystemTime::now(),
            level: LogLevel::Warn,
            origin: None,
            source: LineSource::Host,
            message: format!("{dropped} log lines dropped: the log's queue was full"),
            fields: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    struct Collect {
        lines: Arc<Mutex<Vec<String>>>,
        gate: Option<mpsc::Receiver<()>>,
    }

    impl LogSink for Collect {
        fn write(&mut self, lines: &[LogLine]) {
            if let Some(gate) = self.gate.take() {
                gate.recv().expect("the gate opens");
            }
            let mut collected = self.lines.lock().expect("not poisoned");
            collected.extend(lines.iter().map(|line| line.message.clone()));
        }
    }

    fn line(level: LogLevel, message: &str) -> LogLine {
        LogLine {
            time: SystemTime::now(),
            level,
            origin: None,
            source: LineSource::Host,
            message: message.to_owned(),
            fields: Vec::new(),
        }
    }

    #[test]
    fn lines_come_in_order_and_only_from_the_level_up() {
        let lines = Arc::default();
        let sink = Collect {
            lines: Arc::clone(&lines),
            gate: None,
        };
        let log = LogService::start(LogSettings::default(), Box::new(sink)).expect("started");
        log.emit(line(LogLevel::Debug, "no"));
        for index in 0..1000 {
            log.emit(line(LogLevel::Info, &index.to_string()));
        }
        log.flush();
        let expected: Vec<String> = (0..1000).map(|index| index.to_string()).collect();
        assert_eq!(*lines.lock().expect("not poisoned"), expected);
    }

    /// Emits a thousand lines to a sink that waits, and gives how many were
    /// written and how many the log says were dropped.
    fn flood(settings: LogSettings, message: impl Fn(u32) -> String) -> (usize, usize) {
        let lines = Arc::default();
        let (open, gate) = mpsc::channel();
        let sink = Collect {
            lines: Arc::clone(&lines),
            gate: Some(gate),
        };
        let log = LogService::start(settings, Box::new(sink)).expect("started");
        for index in 0..1000 {
            log.emit(line(LogLevel::Info, &message(index)));
        }
        open.send(()).expect("the sink waits");
        log.flush();
        // The note may stand in the batch after the flushed one.
        log.flush();
        let lines = lines.lock().expect("not poisoned");
        let (notes, written): (Vec<_>, Vec<_>) =
            lines.iter().partition(|line| line.contains("dropped"));
        let dropped = notes
            .iter()
            .filter_map(|line| line.strip_suffix(" log lines dropped: the log's queue was full"))
            .map(|count| count.parse::<usize>().expect("a count"))
            .sum();
        (written.len(), dropped)
    }

    #[test]
    fn a_full_queue_drops_counts_and_says_so() {
        let few = LogSettings {
            queue: 4,
            ..LogSettings::default()
        };
        let (written, dropped) = flood(few, |index| index.to_string());
        assert!(dropped > 0);
        assert_eq!(written + dropped, 1000);
    }

    #[test]
    fn a_queue_of_large_lines_is_bounded_by_their_bytes() {
        let small = LogSettings {
            queue_bytes: 100_000,
            ..LogSettings::default()
        };
        let (written, dropped) = flood(small, |_| "x".repeat(10_000));
        assert!(written <= 10, "{written}");
        assert_eq!(written + dropped, 1000);
    }
}
