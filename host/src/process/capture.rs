//! Reads what a process writes: the newest bytes into a ring, or lines to a sink.

use std::io;
use std::os::fd::OwnedFd;

use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;

use super::lines::LineStream;
use super::output::Captured;

/// How much is read at once.
const READ: usize = 64 << 10;
/// The size of the pipes, where the kernel allows it: fewer, larger reads.
const PIPE: usize = 1 << 20;

/// Where the bytes of a stream go.
pub(super) enum Destination {
    Ring(Ring),
    Lines(LineStream),
}

/// The host's end of an output stream.
pub(super) struct Capture {
    pipe: pipe::Receiver,
    destination: Destination,
}

impl Capture {
    /// A stream that is kept in `destination`, and the process's end of it.
    pub(super) fn new(destination: Destination) -> io::Result<(Self, OwnedFd)> {
        let (read, write) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
        enlarge(&read);
        let capture = Self {
            pipe: pipe::Receiver::from_owned_fd(read)?,
            destination,
        };
        Ok((capture, write))
    }

    /// Reads to the end of the stream. Dropping the future loses no byte that was read.
    pub(super) async fn drain(&mut self) -> io::Result<()> {
        let mut buffer = vec![0; READ];
        loop {
            let count = self.pipe.read(&mut buffer).await?;
            let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else {
                return Ok(());
            };
            match &mut self.destination {
                Destination::Ring(ring) => ring.push(bytes),
                Destination::Lines(lines) => lines.push(bytes),
            }
        }
    }

    /// What is left of the stream.
    pub(super) fn finish(self) -> Captured {
        match self.destination {
            Destination::Ring(ring) => ring.into_captured(),
            Destination::Lines(mut lines) => {
                lines.finish();
                Captured::default()
            }
        }
    }
}

/// Asks for a large pipe. An ordinary user may have only so many of them, and
/// then a small one does.
pub(super) fn enlarge(pipe: &OwnedFd) {
    let _ = rustix::pipe::fcntl_setpipe_size(pipe, PIPE);
}

/// The newest bytes of a stream. It grows up to its limit, and no further.
#[derive(Debug)]
pub(super) struct Ring {
    bytes: Vec<u8>,
    limit: usize,
    /// Where the oldest byte is once the ring is full.
    oldest: usize,
    dropped: u64,
}

impl Ring {
    pub(super) fn new(limit: u64) -> Self {
        Self {
            bytes: Vec::new(),
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
            oldest: 0,
            dropped: 0,
        }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        let room = self.limit - self.bytes.len();
        let (first, mut rest) = bytes.split_at(room.min(bytes.len()));
        self.grow(first.len());
        self.bytes.extend(first);
        self.dropped += rest.len() as u64;
        if rest.len() > self.limit {
            // Only the last ones stay, so the others need not be copied.
            rest = &rest[rest.len() - self.limit..];
        }
        while !rest.is_empty() {
            let here = rest.len().min(self.limit - self.oldest);
            let (now, later) = rest.split_at(here);
            self.bytes[self.oldest..self.oldest + here].copy_from_slice(now);
            self.oldest = (self.oldest + here) % self.limit;
            rest = later;
        }
    }

    /// Makes room for `more` bytes, never beyond the limit.
    fn grow(&mut self, more: usize) {
        let needed = self.bytes.len() + more;
        if needed > self.bytes.capacity() {
            let wanted = (self.bytes.capacity() * 2).clamp(needed, self.limit);
            self.bytes.reserve_exact(wanted - self.bytes.len());
        }
    }

    pub(super) fn into_captured(mut self) -> Captured {
        self.bytes.rotate_left(self.oldest);
        Captured {
            bytes: self.bytes,
            dropped: self.dropped,
        }
    }
}

#[cfg(test)]
mod tests;
