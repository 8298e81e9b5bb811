//! Moves what a process writes to where it is kept.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;

use super::git_words::Watch;
use super::lines::LineStream;
use super::output::Captured;
use super::tail::Tail;

/// How much is read at once.
const READ: usize = 64 << 10;
/// The size of the pipes, where the kernel allows it: fewer, larger reads.
const PIPE: usize = 1 << 20;

/// Where the bytes of a stream go.
pub(super) enum Destination {
    Ring(Arc<Tail>),
    Lines(LineStream),
}

/// The host's end of an output stream.
pub(super) struct Capture {
    pipe: pipe::Receiver,
    destination: Destination,
    watch: Option<Watch>,
}

impl Capture {
    /// A stream that is kept in `destination`, and the process's end of it.
    pub(super) fn new(destination: Destination) -> io::Result<(Self, OwnedFd)> {
        let (pipe, write) = output_pipe()?;
        let capture = Self {
            pipe,
            destination,
            watch: None,
        };
        Ok((capture, write))
    }

    /// Looks at the bytes as they come.
    pub(super) fn watch(&mut self, watch: Watch) {
        self.watch = Some(watch);
    }

    /// Reads to the end of the stream. Dropping the future loses no byte that was read.
    pub(super) async fn drain(&mut self) -> io::Result<()> {
        let mut buffer = vec![0; READ];
        loop {
            let count = self.pipe.read(&mut buffer).await?;
            let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else {
                return Ok(());
            };
            if let Some(watch) = &mut self.watch {
                watch.push(bytes);
            }
            match &mut self.destination {
                Destination::Ring(tail) => tail.push(bytes),
                Destination::Lines(lines) => {
                    lines.push(bytes);
                    // Many short lines take a while.
                    tokio::task::yield_now().await;
                }
            }
        }
    }

    /// Says that nothing will follow.
    pub(super) fn finish(&mut self) {
        if let Some(watch) = &mut self.watch {
            watch.finish();
        }
        match &mut self.destination {
            Destination::Ring(tail) => tail.end(),
            Destination::Lines(lines) => lines.finish(),
        }
    }

    /// What is left of the stream, which nobody else reads.
    pub(super) fn take(self) -> Captured {
        match self.destination {
            Destination::Ring(tail) => tail.take(),
            Destination::Lines(_) => Captured::default(),
        }
    }
}

/// A pipe that a process writes and the host reads.
pub(super) fn output_pipe() -> io::Result<(pipe::Receiver, OwnedFd)> {
    let (read, write) = large_pipe()?;
    Ok((pipe::Receiver::from_owned_fd(read)?, write))
}

/// A pipe that the host writes and a process reads.
pub(super) fn input_pipe() -> io::Result<(OwnedFd, pipe::Sender)> {
    let (read, write) = large_pipe()?;
    Ok((read, pipe::Sender::from_owned_fd(write)?))
}

fn large_pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let (read, write) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
    // An ordinary user may have only so many large pipes, and then a small one does.
    let _ = rustix::pipe::fcntl_setpipe_size(&write, PIPE);
    Ok((read, write))
}
