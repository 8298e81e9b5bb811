//! A child's standard input, as an output stream: what the pipe does not take
//! is kept here, and nothing more is permitted until it is gone.

use std::io::ErrorKind;

use bytes::{Buf as _, Bytes};
use tokio::net::unix::pipe;
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

/// The most that is permitted at once, and so the most that is kept, in bytes.
const PERMIT: usize = 64 << 10;

/// The host's end of a child's standard input.
pub(super) struct PipeOutput {
    pipe: Pipe,
    /// What the pipe has not taken yet.
    rest: Bytes,
}

enum Pipe {
    Open(pipe::Sender),
    /// It failed, which is not told yet.
    Failed(std::io::Error),
    /// Nobody reads it any more.
    Closed,
}

impl PipeOutput {
    pub(super) fn new(pipe: pipe::Sender) -> Self {
        Self {
            pipe: Pipe::Open(pipe),
            rest: Bytes::new(),
        }
    }

    /// Writes as much of the rest as the pipe takes now.
    fn push(&mut self) {
        let Pipe::Open(pipe) = &self.pipe else { return };
        while !self.rest.is_empty() {
            match pipe.try_write(&self.rest) {
                Ok(count) => self.rest.advance(count),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => return self.fail(error),
            }
        }
    }

    fn fail(&mut self, error: std::io::Error) {
        self.rest = Bytes::new();
        self.pipe = match error.kind() {
            ErrorKind::BrokenPipe => Pipe::Closed,
            _ => Pipe::Failed(error),
        };
    }

    /// Tells a failure once; after it the stream is closed.
    fn check(&mut self) -> StreamResult<()> {
        match std::mem::replace(&mut self.pipe, Pipe::Closed) {
            Pipe::Open(pipe) => {
                self.pipe = Pipe::Open(pipe);
                Ok(())
            }
            Pipe::Failed(error) => Err(StreamError::LastOperationFailed(error.into())),
            Pipe::Closed => Err(StreamError::Closed),
        }
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for PipeOutput {
    /// When more is permitted, or a failure can be told.
    async fn ready(&mut self) {
        loop {
            self.push();
            let Pipe::Open(pipe) = &self.pipe else { return };
            if self.rest.is_empty() {
                return;
            }
            if let Err(error) = pipe.writable().await {
                return self.fail(error);
            }
        }
    }
}

impl OutputStream for PipeOutput {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.check()?;
        if !self.rest.is_empty() || bytes.len() > PERMIT {
            return Err(StreamError::trap("more was written than was permitted"));
        }
        self.rest = bytes;
        self.push();
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        // Nothing is kept that is not on its way: the permit waits for it.
        self.check()
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.push();
        self.check()?;
        Ok(if self.rest.is_empty() { PERMIT } else { 0 })
    }
}

impl Drop for PipeOutput {
    /// What was written is delivered, though the guest may be gone. The child's
    /// end closes the pipe at the latest.
    fn drop(&mut self) {
        self.push();
        let rest = std::mem::take(&mut self.rest);
        if let Pipe::Open(mut pipe) = std::mem::replace(&mut self.pipe, Pipe::Closed)
            && !rest.is_empty()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move {
                // Fails when the child does not read it, which is its own affair.
                let _ = tokio::io::AsyncWriteExt::write_all(&mut pipe, &rest).await;
            });
        }
    }
}

#[cfg(test)]
mod tests;
