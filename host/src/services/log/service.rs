//! The queue between those who emit lines and the one thread that writes them.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::guarded::Guarded;
use super::rate::{Allowance, Allowances};
use super::room::{Place, Rooms, Words};
use super::{LogLevel, LogLine, LogSettings, LogSink};
use crate::capsule::CapsuleId;

enum Queued {
    Line(LogLine, Place),
    Flush(oneshot::Sender<()>),
}

/// The emitting side. Cheap to clone; the writer ends with the last clone.
#[derive(Clone)]
pub(crate) struct LogService {
    /// Bounded by the places of its lines, and by the number of those who flush.
    queue: Sender<Queued>,
    shared: Arc<Shared>,
}

struct Shared {
    settings: LogSettings,
    allowances: Allowances,
}

const BATCH: usize = 256;

/// How often the sink's clock ticks, and how often it is said of a capsule that
/// lines of it were dropped.
const TICK: Duration = Duration::from_secs(1);

impl LogService {
    pub(crate) fn start(settings: LogSettings, sink: Box<dyn LogSink>) -> std::io::Result<Self> {
        let (queue, entries) = mpsc::channel();
        let shared = Arc::new(Shared {
            settings,
            allowances: Allowances::new(settings.rate, Rooms::new(&settings)),
        });
        let writer = Writer {
            entries,
            shared: Arc::clone(&shared),
            sink: Guarded::new(sink),
            ticked: Instant::now(),
        };
        std::thread::Builder::new()
            .name("boll-log".to_owned())
            .spawn(move || writer.run())?;
        Ok(Self { queue, shared })
    }

    /// What a capsule may log.
    pub(super) fn allowance(&self, capsule: &CapsuleId) -> Arc<Allowance> {
        self.shared.allowances.of(capsule)
    }

    pub(super) fn enabled(&self, level: LogLevel) -> bool {
        level >= self.shared.settings.level
    }

    pub(super) fn max_line(&self) -> u64 {
        self.shared.settings.max_line
    }

    /// Queues a line of this size, of the capsule whose allowance this is; never blocks. What
    /// has no room is counted as dropped.
    pub(super) fn queue(&self, line: LogLine, size: usize, words: Words, of: &Allowance) {
        if let Some(place) = of.place(words, size) {
            // An error means that the writer is gone, with nothing left to write.
            let _ = self.queue.send(Queued::Line(line, place));
        }
    }

    /// Waits until every line that was queued before is written, and said what
    /// was dropped. Returns whether that was so within the time: a sink may hang.
    pub(crate) async fn flush(&self, within: Duration) -> bool {
        let flushed = async {
            let (done, wait) = oneshot::channel();
            if self.queue.send(Queued::Flush(done)).is_err() {
                // The writer is gone, with nothing left to write.
                return;
            }
            // An error means the same.
            let _ = wait.await;
        };
        tokio::time::timeout(within, flushed).await.is_ok()
    }
}

struct Writer {
    entries: Receiver<Queued>,
    shared: Arc<Shared>,
    sink: Guarded,
    ticked: Instant,
}

impl Writer {
    fn run(mut self) {
        let mut lines = Vec::with_capacity(BATCH);
        let mut places = Vec::with_capacity(BATCH);
        let mut flushed = Vec::new();
        loop {
            let left = TICK.saturating_sub(self.ticked.elapsed());
            let mut next = match self.entries.recv_timeout(left) {
                Ok(first) => Some(first),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => break,
            };
            while let Some(entry) = next {
                match entry {
                    Queued::Line(line, place) => {
                        lines.push(line);
                        places.push(place);
                    }
                    Queued::Flush(done) => flushed.push(done),
                }
                next = (lines.len() < BATCH)
                    .then(|| self.entries.try_recv().ok())
                    .flatten();
            }
            self.write(&mut lines, &mut places, !flushed.is_empty());
            for done in flushed.drain(..) {
                // Whoever waited may have gone.
                let _ = done.send(());
            }
        }
        self.write(&mut lines, &mut places, true);
    }

    /// Writes the lines and what is to be said of others; ticks when it is time
    /// to, or when all is to be said now.
    fn write(&mut self, lines: &mut Vec<LogLine>, places: &mut Vec<Place>, all: bool) {
        let tick = all || self.ticked.elapsed() >= TICK;
        if tick {
            lines.extend(self.shared.allowances.notes());
        }
        if !lines.is_empty() {
            self.sink.write(lines);
            lines.clear();
        }
        // Only now: what the sink still holds is memory too.
        places.clear();
        if tick {
            self.sink.tick();
            self.ticked = Instant::now();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::super::{CallLog, LineSource, LogRate, Origin};
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

    /// The log of a call to a capsule.
    fn call(log: &LogService, capsule: &str) -> Arc<CallLog> {
        let capsule = capsule.parse().expect("an id");
        log.of(Arc::new(Origin::of_capsule(&capsule)))
    }

    fn emit(log: &CallLog, level: LogLevel, message: impl Into<String>) {
        log.emit(level, LineSource::Capsule, message.into(), Vec::new());
    }

    fn flush(log: &LogService) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build();
        let within = Duration::from_secs(20);
        assert!(runtime.expect("a runtime").block_on(log.flush(within)));
    }

    #[tokio::test]
    async fn a_sink_that_hangs_does_not_keep_whoever_flushes() {
        let (open, gate) = mpsc::channel();
        let sink = Collect {
            lines: Arc::default(),
            gate: Some(gate),
        };
        let few = LogSettings {
            queue: 2,
            ..LogSettings::default()
        };
        let log = LogService::start(few, Box::new(sink)).expect("started");
        let call = call(&log, "sample");
        for index in 0..100 {
            emit(&call, LogLevel::Info, index.to_string());
        }
        assert!(!log.flush(Duration::from_millis(50)).await, "it hangs");
        open.send(()).expect("the sink waits");
        assert!(log.flush(Duration::from_secs(20)).await);
    }

    #[test]
    fn lines_come_in_order_and_only_from_the_level_up() {
        let lines = Arc::default();
        let sink = Collect {
            lines: Arc::clone(&lines),
            gate: None,
        };
        let log = LogService::start(LogSettings::default(), Box::new(sink)).expect("started");
        let call = call(&log, "sample");
        emit(&call, LogLevel::Debug, "no");
        for index in 0..1000 {
            emit(&call, LogLevel::Info, index.to_string());
        }
        flush(&log);
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
        let call = call(&log, "sample");
        for index in 0..1000 {
            emit(&call, LogLevel::Info, message(index));
        }
        open.send(()).expect("the sink waits");
        flush(&log);
        // The note may stand in the batch after the flushed one.
        flush(&log);
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
    fn a_flood_drops_no_line_of_another_and_none_of_the_hosts() {
        let lines = Arc::default();
        let (open, gate) = mpsc::channel();
        let sink = Collect {
            lines: Arc::clone(&lines),
            gate: Some(gate),
        };
        let log = LogService::start(LogSettings::default(), Box::new(sink)).expect("started");
        let (flooding, too) = (call(&log, "flooding"), call(&log, "flooding-too"));
        for _ in 0..15_000 {
            emit(&flooding, LogLevel::Info, "flood");
            emit(&too, LogLevel::Info, "flood");
        }
        let honest = call(&log, "honest");
        for _ in 0..100 {
            flooding.note(LogLevel::Warn, "of the host".to_owned(), Vec::new());
            emit(&honest, LogLevel::Info, "honest");
        }
        open.send(()).expect("the sink waits");
        flush(&log);
        flush(&log);
        let lines = lines.lock().expect("not poisoned");
        let count = |start: &str| lines.iter().filter(|line| line.starts_with(start)).count();
        assert_eq!((count("honest"), count("of the host")), (100, 100));
        let dropped = lines
            .iter()
            .filter(|line| line.contains("dropped: the log's"));
        assert_eq!(dropped.count(), 2, "one for each capsule that lost lines");
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

    #[test]
    fn a_capsule_over_its_rate_loses_lines_and_no_other_does() {
        let lines = Arc::default();
        let sink = Collect {
            lines: Arc::clone(&lines),
            gate: None,
        };
        let settings = LogSettings {
            rate: LogRate {
                lines: 0,
                burst: 10,
                ..LogRate::default()
            },
            ..LogSettings::default()
        };
        let log = LogService::start(settings, Box::new(sink)).expect("started");
        let (flooding, again) = (call(&log, "flooding"), call(&log, "flooding"));
        for _ in 0..8 {
            emit(&flooding, LogLevel::Info, "flood");
            emit(&again, LogLevel::Info, "flood");
        }
        flooding.note(LogLevel::Warn, "of the host".to_owned(), Vec::new());
        emit(&call(&log, "honest"), LogLevel::Info, "honest");
        flush(&log);
        let lines = lines.lock().expect("not poisoned");
        let count = |start: &str| lines.iter().filter(|line| line.starts_with(start)).count();
        assert_eq!(count("flood"), 10);
        assert_eq!(count("honest"), 1);
        assert_eq!(count("of the host"), 1);
        assert_eq!(count("6 log lines dropped: a capsule may log 0 lines"), 1);
    }

    /// Panics at the lines that say so.
    struct Breaks(Arc<Mutex<Vec<String>>>);

    impl LogSink for Breaks {
        fn write(&mut self, lines: &[LogLine]) {
            assert!(!lines.iter().any(|line| line.message == "break"), "broken");
            let mut collected = self.0.lock().expect("not poisoned");
            collected.extend(lines.iter().map(|line| line.message.clone()));
        }
    }

    #[test]
    fn a_sink_that_panics_loses_its_lines_and_the_log_goes_on() {
        let lines = Arc::default();
        let sink = Breaks(Arc::clone(&lines));
        let log = LogService::start(LogSettings::default(), Box::new(sink)).expect("started");
        let call = call(&log, "sample");
        for message in ["one", "break", "break", "two"] {
            emit(&call, LogLevel::Info, message);
            flush(&log);
        }
        let lost = "2 log lines were lost: the log's sink panicked: broken";
        assert_eq!(*lines.lock().expect("not poisoned"), ["one", lost, "two"]);
    }

    struct Ticks(mpsc::Sender<()>);

    impl LogSink for Ticks {
        fn write(&mut self, _: &[LogLine]) {
            panic!("there are no lines");
        }

        fn tick(&mut self) {
            // Nobody listens when the test has seen enough.
            let _ = self.0.send(());
        }
    }

    #[test]
    fn the_sinks_clock_ticks_when_nothing_is_logged() {
        let (sender, ticks) = mpsc::channel();
        let _log = LogService::start(LogSettings::default(), Box::new(Ticks(sender)));
        for _ in 0..2 {
            ticks.recv_timeout(Duration::from_secs(20)).expect("a tick");
        }
    }
}
