//! Writes the host's own lines to standard error on a separate thread: if nobody reads
//! it, only these lines are held up.

use std::io::{self, Write as _};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use crate::events::Event;

/// The number of lines that may wait to be written.
const WAITING: usize = 256;
/// How long the end of the program waits for them.
const LAST: Duration = Duration::from_secs(1);

/// The number of lines that were lost because the queue was full.
static LOST: AtomicU64 = AtomicU64::new(0);
static LINES: OnceLock<SyncSender<Said>> = OnceLock::new();

enum Said {
    Line(String),
    /// Answered when all lines before it are written.
    Flush(SyncSender<()>),
}

/// The writer of lines.
pub(super) struct Shown {
    /// `None` if no thread could be started: then each line is written at once.
    lines: Option<SyncSender<Said>>,
}

impl Shown {
    pub(super) fn begin() -> Self {
        let (lines, said) = sync_channel(WAITING);
        let writer = thread::Builder::new().name("boll-stderr".into());
        if writer.spawn(move || write_all(&said)).is_err() {
            return Self { lines: None };
        }
        // Once, at the start of the program.
        let _ = LINES.set(lines.clone());
        Self { lines: Some(lines) }
    }

    pub(super) fn line(&self, line: String) {
        let Some(lines) = &self.lines else {
            return write(&line);
        };
        if let Err(TrySendError::Full(_)) = lines.try_send(Said::Line(line)) {
            LOST.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Waits until all lines are written, but not for ever.
pub(crate) fn flush() {
    let (done, wait) = sync_channel(1);
    if let Some(lines) = LINES.get()
        && lines.try_send(Said::Flush(done)).is_ok()
    {
        let _ = wait.recv_timeout(LAST);
    }
}

fn write_all(said: &Receiver<Said>) {
    for said in said {
        let lost = LOST.swap(0, Ordering::Relaxed);
        if lost > 0 {
            let message = &*format!("{lost} lines of the host's log were lost");
            Event::Warning { message }.write_message();
        }
        match said {
            Said::Line(line) => write(&line),
            // The caller may have stopped waiting.
            Said::Flush(done) => drop(done.try_send(())),
        }
    }
}

fn write(line: &str) {
    // A closed standard error is no reason to stop.
    let _ = io::stderr().lock().write_all(line.as_bytes());
}
