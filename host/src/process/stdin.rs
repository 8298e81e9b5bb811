//! The host's end of a child's standard input.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::unix::pipe;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::child_error::ChildError;

use crate::locked::lock;

/// Who writes a child's standard input.
#[derive(Debug)]
pub(super) struct Stdin(Mutex<State>);

#[derive(Debug)]
enum State {
    /// There is nothing to write: the command was given all that it reads.
    NoPipe,
    Open(Arc<Open>),
    /// A stream writes it now.
    Taken,
    Closed,
}

#[derive(Debug)]
struct Open {
    pipe: pipe::Sender,
    /// Lets go of writers that wait when it is closed.
    closed: CancellationToken,
}

impl Stdin {
    pub(super) fn new(pipe: Option<pipe::Sender>) -> Self {
        Self(Mutex::new(match pipe {
            None => State::NoPipe,
            Some(pipe) => State::Open(Arc::new(Open {
                pipe,
                closed: CancellationToken::new(),
            })),
        }))
    }

    /// Writes as much as goes in before the patience is over, and returns how much.
    pub(super) async fn write(&self, bytes: &[u8], patience: Duration) -> Result<u64, ChildError> {
        let open = self.open()?;
        let mut written = 0;
        // Cut short at any point, `written` is what went in.
        let result = timeout(patience, open.write_all(bytes, &mut written)).await;
        match result {
            Ok(Err(error)) if written == 0 => Err(error),
            _ => Ok(written as u64),
        }
    }

    /// Closes it; closing again changes nothing.
    pub(super) fn close(&self) -> Result<(), ChildError> {
        let mut state = lock(&self.0);
        match &*state {
            State::NoPipe | State::Taken => return Err(ChildError::WrongStream),
            State::Closed => {}
            State::Open(open) => open.closed.cancel(),
        }
        *state = State::Closed;
        Ok(())
    }

    /// Hands the pipe over, once.
    pub(super) fn take(&self) -> Result<pipe::Sender, ChildError> {
        let mut state = lock(&self.0);
        match std::mem::replace(&mut *state, State::Taken) {
            State::Open(open) => match Arc::try_unwrap(open) {
                Ok(open) => Ok(open.pipe),
                // Another holder of the child is writing.
                Err(shared) => {
                    *state = State::Open(shared);
                    Err(ChildError::WrongStream)
                }
            },
            State::Closed => {
                *state = State::Closed;
                Err(ChildError::Closed)
            }
            other => {
                *state = other;
                Err(ChildError::WrongStream)
            }
        }
    }

    fn open(&self) -> Result<Arc<Open>, ChildError> {
        match &*lock(&self.0) {
            State::NoPipe | State::Taken => Err(ChildError::WrongStream),
            State::Closed => Err(ChildError::Closed),
            State::Open(open) => Ok(Arc::clone(open)),
        }
    }
}

impl Open {
    async fn write_all(&self, bytes: &[u8], written: &mut usize) -> Result<(), ChildError> {
        while *written < bytes.len() {
            if self.closed.is_cancelled() {
                return Err(ChildError::Closed);
            }
            match self.pipe.try_write(&bytes[*written..]) {
                Ok(count) => *written += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => tokio::select! {
                    ready = self.pipe.writable() => ready.map_err(ChildError::from)?,
                    () = self.closed.cancelled() => {}
                },
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rustix::event::{EventfdFlags, eventfd};

    use super::*;

    /// Only the system can fail a write to a pipe that is open, and nothing makes it do so. A counter of the kernel's
    /// in the pipe's place takes eight bytes at once, and refuses any others.
    #[tokio::test]
    async fn what_the_system_refuses_is_told() {
        let counter = eventfd(0, EventfdFlags::NONBLOCK).unwrap();
        let pipe = pipe::Sender::from_owned_fd_unchecked(counter).unwrap();
        let stdin = Stdin::new(Some(pipe));
        let refused = stdin.write(b"abc", Duration::from_secs(10)).await;
        let Err(ChildError::Host(error)) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(error.raw_os_error(), Some(libc::EINVAL));
    }
}
