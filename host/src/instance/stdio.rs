//! The capsule's standard streams: nothing to read, and what it writes becomes
//! log lines.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

use crate::interfaces::CallContext;
use crate::lines::LineBuffer;
use crate::locked::lock;
use crate::services::log::{CallLog, LineSource, LogLevel};

/// The two streams that a capsule writes to.
pub(super) struct Stdio {
    pub(super) stdout: LogStream,
    pub(super) stderr: LogStream,
}

impl Stdio {
    pub(super) fn new(call: &CallContext) -> Self {
        Self {
            stdout: LogStream::new(call, LineSource::Stdout, LogLevel::Info),
            stderr: LogStream::new(call, LineSource::Stderr, LogLevel::Warn),
        }
    }

    /// Ends the lines that have begun; what is written from now on is of
    /// another call.
    pub(super) fn turn_to(&self, log: &Arc<CallLog>) {
        self.stdout.turn_to(log);
        self.stderr.turn_to(log);
    }
}

impl Stdio {
    /// Returns the last lines of standard error since the call began, the oldest first.
    pub(super) fn last_of_stderr(&self) -> Vec<String> {
        lock(&self.stderr.0.begun).last.iter().cloned().collect()
    }

    /// Forgets the lines of the call before.
    pub(super) fn begin(&self) {
        lock(&self.stderr.0.begun).last.clear();
    }
}

/// One of the two streams. Clones share the line that has begun, as two handles
/// of one descriptor would.
#[derive(Clone)]
pub(super) struct LogStream(Arc<Shared>);

struct Shared {
    source: LineSource,
    level: LogLevel,
    begun: Mutex<Begun>,
}

/// The line that has begun, and whose it is.
struct Begun {
    line: LineBuffer,
    log: Arc<CallLog>,
    /// The last lines of this call.
    last: VecDeque<String>,
}

/// The number of lines that are kept for the error of a call: a panic with its message, or
/// the end of a traceback.
const LAST_LINES: usize = 12;

/// The longest of them, in bytes.
const LAST_LINE: usize = 1 << 10;

/// The most that a guest writes at once, in bytes.
const PERMIT: usize = 64 << 10;

impl LogStream {
    fn new(call: &CallContext, source: LineSource, level: LogLevel) -> Self {
        Self(Arc::new(Shared {
            source,
            level,
            begun: Mutex::new(Begun {
                line: LineBuffer::default(),
                log: Arc::clone(&call.log),
                last: VecDeque::new(),
            }),
        }))
    }

    fn turn_to(&self, log: &Arc<CallLog>) {
        let Begun {
            line,
            log: now,
            last,
        } = &mut *lock(&self.0.begun);
        let before = std::mem::replace(now, Arc::clone(log));
        line.finish(|line| self.0.emit(&before, last, line));
    }
}

impl Shared {
    fn push(&self, bytes: &[u8]) {
        let Begun { line, log, last } = &mut *lock(&self.begun);
        line.push(bytes, |line| self.emit(log, last, line));
    }

    fn emit(&self, log: &CallLog, last: &mut VecDeque<String>, line: &str) {
        if self.source == LineSource::Stderr {
            if last.len() == LAST_LINES {
                last.pop_front();
            }
            last.push_back(line[..line.floor_char_boundary(LAST_LINE)].to_owned());
        }
        let (source, message) = (self.source.clone(), line.to_owned());
        log.emit(self.level, source, message, Vec::new());
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let Begun { line, log, last } = &mut *lock(&self.begun);
        line.finish(|line| self.emit(log, last, line));
    }
}

impl StdoutStream for LogStream {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }

    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

impl IsTerminal for LogStream {
    fn is_terminal(&self) -> bool {
        false
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for LogStream {
    async fn ready(&mut self) {}
}

/// The queue behind it never blocks, so a write is done when it returns.
impl OutputStream for LogStream {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.0.push(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(PERMIT)
    }
}

impl AsyncWrite for LogStream {
    fn poll_write(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.push(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
