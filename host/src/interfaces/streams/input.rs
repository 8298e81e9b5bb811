//! What a child writes, as an input stream: straight from the pipe, so that a
//! child whose guest does not read waits.

use std::io::{self, ErrorKind};

use bytes::{Bytes, BytesMut};
use tokio::net::unix::pipe;
use wasmtime_wasi::p2::{InputStream, Pollable, StreamError, StreamResult};

/// The most that is taken out of the pipe before the guest asks for it, and the
/// most that one read gives, in bytes.
const READ: usize = 256 << 10;

/// The host's end of a child's output.
pub(super) struct PipeInput {
    pipe: pipe::Receiver,
    /// Read to know that there is something to read.
    ahead: BytesMut,
    end: Option<End>,
}

enum End {
    Closed,
    Failed(io::Error),
}

impl PipeInput {
    pub(super) fn new(pipe: pipe::Receiver) -> Self {
        Self {
            pipe,
            ahead: BytesMut::new(),
            end: None,
        }
    }

    /// Reads what the pipe has, at most `size`; false when it has nothing yet.
    fn fill(&mut self, size: usize) -> bool {
        self.ahead.reserve(size.min(READ));
        match self.pipe.try_read_buf(&mut self.ahead) {
            Ok(0) => self.end = Some(End::Closed),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return false,
            Err(error) => self.end = Some(End::Failed(error)),
        }
        true
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for PipeInput {
    async fn ready(&mut self) {
        while self.ahead.is_empty() && self.end.is_none() {
            if self.pipe.readable().await.is_err() || self.fill(READ) {
                return;
            }
        }
    }
}

impl InputStream for PipeInput {
    fn read(&mut self, size: usize) -> StreamResult<Bytes> {
        if size == 0 {
            return Ok(Bytes::new());
        }
        if self.ahead.is_empty() {
            if self.end.is_none() {
                self.fill(size);
            }
            match self.end.take() {
                None => {}
                Some(End::Closed) => {
                    self.end = Some(End::Closed);
                    return Err(StreamError::Closed);
                }
                Some(End::Failed(error)) => {
                    self.end = Some(End::Closed);
                    return Err(StreamError::LastOperationFailed(error.into()));
                }
            }
        }
        let len = size.min(self.ahead.len());
        Ok(self.ahead.split_to(len).freeze())
    }
}

#[cfg(test)]
mod tests;
