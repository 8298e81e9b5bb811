//! A file as a stream: read and written by a thread that may wait.

use std::fs::File;
use std::future::Future;
use std::io::{self, ErrorKind, IoSlice};
use std::os::unix::fs::FileExt as _;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use rustix::io::{Errno, ReadWriteFlags};
use wasmtime_wasi::p2::{InputStream, OutputStream, Pollable, StreamError, StreamResult};
use wasmtime_wasi::runtime::poll_noop;

use super::OpenFile;
use crate::services::file_threads::FileCalls;

/// The most that is read or written at once, and so the most that a stream keeps,
/// in bytes.
pub(super) const CHUNK: usize = 64 << 10;
/// What is read before the guest says how much it wants.
const AHEAD: usize = 4 << 10;

/// What a thread is doing for a stream.
type Work<T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send>>;

/// What both kinds of streams use of their file.
struct Source {
    file: Arc<File>,
    calls: FileCalls,
    /// It stays open, and counts, as long as the stream is there.
    _open: Arc<OpenFile>,
}

impl Source {
    fn start<T: Send + 'static>(
        &self,
        work: impl FnOnce(&File) -> io::Result<T> + Send + 'static,
    ) -> Work<T> {
        let (file, calls) = (Arc::clone(&self.file), self.calls.clone());
        Box::pin(async move { calls.run(move || work(&file)).await? })
    }
}

/// Reads a file from some place on.
pub(super) struct FileInput {
    source: Source,
    position: u64,
    state: Reading,
}

enum Reading {
    Idle,
    Working(Work<Bytes>),
    Read(Bytes),
    Failed(io::Error),
    Ended,
}

impl FileInput {
    pub(super) fn new(
        file: Arc<File>,
        calls: FileCalls,
        open: Arc<OpenFile>,
        position: u64,
    ) -> Self {
        Self {
            source: Source {
                file,
                calls,
                _open: open,
            },
            position,
            state: Reading::Idle,
        }
    }

    fn start(&self, size: usize) -> Work<Bytes> {
        let (position, size) = (self.position, size.min(CHUNK));
        self.source.start(move |file| {
            let mut buffer = vec![0; size];
            let read = again_if_interrupted(|| file.read_at(&mut buffer, position))?;
            buffer.truncate(read);
            Ok(Bytes::from(buffer))
        })
    }

    fn take(&mut self, done: io::Result<Bytes>) {
        self.state = match done {
            Ok(bytes) if bytes.is_empty() => Reading::Ended,
            Ok(bytes) => Reading::Read(bytes),
            Err(error) => Reading::Failed(error),
        };
    }

    async fn finish(&mut self) {
        if let Reading::Working(work) = &mut self.state {
            let done = work.await;
            self.take(done);
        }
    }

    /// Looks whether the thread is done, without waiting for it.
    fn look(&mut self) {
        if let Reading::Working(work) = &mut self.state
            && let Some(done) = poll_noop(Pin::new(work))
        {
            self.take(done);
        }
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for FileInput {
    async fn ready(&mut self) {
        if let Reading::Idle = self.state {
            self.state = Reading::Working(self.start(AHEAD));
        }
        self.finish().await;
    }
}

#[wasmtime_wasi::async_trait]
impl InputStream for FileInput {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        if let Reading::Idle = self.state
            && size > 0
        {
            self.state = Reading::Working(self.start(size));
        }
        self.look();
        match &mut self.state {
            Reading::Idle | Reading::Working(_) => Ok(Bytes::new()),
            Reading::Read(bytes) => {
                let chunk = bytes.split_to(size.min(bytes.len()));
                self.position += chunk.len() as u64;
                if bytes.is_empty() {
                    self.state = Reading::Idle;
                }
                Ok(chunk)
            }
            Reading::Failed(_) => match std::mem::replace(&mut self.state, Reading::Ended) {
                Reading::Failed(error) => Err(StreamError::LastOperationFailed(error.into())),
                _ => Err(StreamError::Closed),
            },
            Reading::Ended => Err(StreamError::Closed),
        }
    }

    async fn blocking_read(&mut self, size: usize) -> StreamResult<Bytes> {
        if let Reading::Idle = self.state
            && size > 0
        {
            self.state = Reading::Working(self.start(size));
        }
        self.finish().await;
        self.read(size)
    }
}

/// Where a stream writes.
#[derive(Clone, Copy)]
pub(super) enum Position {
    At(u64),
    End,
}

/// Writes a file.
pub(super) struct FileOutput {
    source: Source,
    position: Position,
    state: Writing,
}

enum Writing {
    Idle,
    Working(Work<u64>),
    Failed(io::Error),
    Closed,
}

impl FileOutput {
    pub(super) fn new(
        file: Arc<File>,
        calls: FileCalls,
        open: Arc<OpenFile>,
        position: Position,
    ) -> Self {
        Self {
            source: Source {
                file,
                calls,
                _open: open,
            },
            position,
            state: Writing::Idle,
        }
    }

    fn start(&self, bytes: Bytes) -> Work<u64> {
        let position = self.position;
        self.source.start(move |file| {
            match position {
                Position::At(position) => file.write_all_at(&bytes, position)?,
                Position::End => append(file, &bytes)?,
            }
            Ok(bytes.len() as u64)
        })
    }

    fn take(&mut self, done: io::Result<u64>) {
        self.state = match done {
            Ok(written) => {
                if let Position::At(position) = &mut self.position {
                    *position += written;
                }
                Writing::Idle
            }
            Err(error) => Writing::Failed(error),
        };
    }

    async fn finish(&mut self) {
        if let Writing::Working(work) = &mut self.state {
            let done = work.await;
            self.take(done);
        }
    }

    fn look(&mut self) {
        if let Writing::Working(work) = &mut self.state
            && let Some(done) = poll_noop(Pin::new(work))
        {
            self.take(done);
        }
    }

    /// Tells a failure once; after it the stream is closed.
    fn check(&mut self) -> StreamResult<()> {
        match &self.state {
            Writing::Idle | Writing::Working(_) => Ok(()),
            Writing::Closed => Err(StreamError::Closed),
            Writing::Failed(_) => match std::mem::replace(&mut self.state, Writing::Closed) {
                Writing::Failed(error) => Err(StreamError::LastOperationFailed(error.into())),
                _ => Err(StreamError::Closed),
            },
        }
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for FileOutput {
    async fn ready(&mut self) {
        self.finish().await;
    }
}

#[wasmtime_wasi::async_trait]
impl OutputStream for FileOutput {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.look();
        self.check()?;
        if matches!(self.state, Writing::Working(_)) || bytes.len() > CHUNK {
            return Err(StreamError::trap("more was written than was permitted"));
        }
        if !bytes.is_empty() {
            self.state = Writing::Working(self.start(bytes));
            // It begins now, though nobody may ever wait for it.
            self.look();
        }
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        // Nothing is kept that is not on its way.
        self.look();
        self.check()
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.look();
        self.check()?;
        let working = matches!(self.state, Writing::Working(_));
        Ok(if working { 0 } else { CHUNK })
    }

    /// What was written is on its way before the stream is gone.
    async fn cancel(&mut self) {
        self.finish().await;
        self.state = Writing::Closed;
    }
}

fn append(file: &File, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let appended =
            rustix::io::pwritev2(file, &[IoSlice::new(bytes)], 0, ReadWriteFlags::APPEND);
        let written = match appended {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => written,
            Err(Errno::INTR) => 0,
            Err(Errno::NOSYS | Errno::NOTSUP) => {
                return file.write_all_at(bytes, file.metadata()?.len());
            }
            Err(error) => return Err(error.into()),
        };
        bytes = &bytes[written..];
    }
    Ok(())
}

fn again_if_interrupted(mut read: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match read() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}
