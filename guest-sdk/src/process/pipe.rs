//! A child's piped outputs.

use super::ChildError;
use super::child::{Channel, Handle};
use crate::host;
use std::fmt;
use std::io;
use std::rc::{Rc, Weak};

/// How many bytes are asked of the host at once, at most.
const PORTION: usize = 64 << 10;

/// A stream that is opened when it is first read: a capsule that reads no
/// stream does not import any.
struct Pipe {
    child: Weak<Handle>,
    channel: Channel,
    stream: Option<host::InputStream>,
}

impl Pipe {
    fn new(child: &Rc<Handle>, channel: Channel) -> Self {
        Self {
            child: Rc::downgrade(child),
            channel,
            stream: None,
        }
    }

    fn into_stream(self) -> Result<host::InputStream, ChildError> {
        match self.stream {
            Some(stream) => Ok(stream),
            None => open(&self.child, self.channel),
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => none.insert(open(&self.child, self.channel)?),
        };
        let bytes = stream.read(buffer.len().min(PORTION))?;
        buffer[..bytes.len()].copy_from_slice(&bytes);
        Ok(bytes.len())
    }
}

fn open(child: &Weak<Handle>, channel: Channel) -> Result<host::InputStream, ChildError> {
    let handle = child.upgrade().ok_or(ChildError::UnknownChild)?;
    host::output_stream(&handle.child, channel)
}

macro_rules! output {
    ($(#[$doc:meta])* $name:ident, $channel:ident) => {
        $(#[$doc])*
        ///
        /// Never loses a byte: the child waits when it is not read. Once it
        /// has been read from, dropping it closes the pipe.
        pub struct $name(Pipe);

        impl $name {
            pub(super) fn of(child: &Rc<Handle>) -> Self {
                Self(Pipe::new(child, Channel::$channel))
            }

            pub(super) fn into_stream(self) -> Result<host::InputStream, ChildError> {
                self.0.into_stream()
            }
        }

        impl io::Read for $name {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.0.read(buffer)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

output! {
    /// The piped standard output of a [`Child`](super::Child).
    ChildStdout, Stdout
}
output! {
    /// The piped standard error of a [`Child`](super::Child).
    ChildStderr, Stderr
}
