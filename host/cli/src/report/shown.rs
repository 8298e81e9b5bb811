//! Writes the host's own lines to standard error on a thread of its own: one that
//! nobody reads holds up nothing but these lines.

use std::io::{self, Write as _};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

/// Lines that wait to be written.
const WAITING: usize = 256;
/// How long the end of the program waits for them.
const LAST: Duration = Duration::from_secs(1);

/// Lines that found no room to wait.
static LOST: AtomicU64 = AtomicU64::new(0);
static LINES: OnceLock<SyncSender<Said>> = OnceLock::new();

enum Said {
    Line(String),
    /// Told when all before it is written.
    Flush(SyncSender<()>),
}

/// Where lines are shown.
pub(super) struct Shown {
    /// `None` where there can be no thread: then each line is written at once.
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

/// Waits until what was said is written, but not for ever.
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
            write(&format!("boll: {lost} lines of the host were lost\n"));
        }
        match said {
            Said::Line(line) => write(&line),
            // Whoever waited may have stopped.
            Said::Flush(done) => drop(done.try_send(())),
        }
    }
}

fn write(line: &str) {
    // A closed standard error is no reason to stop.
    let _ = io::stderr().lock().write_all(line.as_bytes());
}
