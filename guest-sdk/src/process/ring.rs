//! Readers of the newest bytes that the host keeps of an output.

use super::ChildError;
use super::child::{Channel, Handle};
use std::fmt;
use std::io;
use std::rc::{Rc, Weak};
use std::time::Duration;

/// How many bytes are asked of the host at once, at most.
const PORTION: usize = 64 << 10;

/// Part of what an output has produced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chunk {
    pub(crate) bytes: Vec<u8>,
    pub(crate) next: u64,
    pub(crate) dropped: u64,
}

/// A reader of an output that is kept in a [ring](super::Stdio::ring).
///
/// Reading takes nothing away: each reader has a position of its own, and a
/// clone goes on from where the original is. Bytes that the ring dropped
/// before they were read are skipped and [counted](Self::dropped).
///
/// ```
/// # use boll_sdk::fake;
/// # let _host = fake::Host::new().children(|_| Ok(fake::cat())).install();
/// use boll_sdk::process::{Command, Stdio};
/// use std::io::{Read as _, Write as _};
///
/// let mut child = Command::new("cat")
///     .stdin(Stdio::piped())
///     .stdout(Stdio::ring(4))
///     .spawn()?;
/// child.stdin.take().expect("it is piped").write_all(b"abcdef")?;
/// child.wait()?;
///
/// let mut ring = child.stdout_ring();
/// let mut text = String::new();
/// ring.read_to_string(&mut text)?;
/// assert_eq!(text, "cdef");
/// assert_eq!((ring.dropped(), ring.position()), (2, 6));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct RingReader {
    child: Weak<Handle>,
    channel: Channel,
    position: u64,
    dropped: u64,
}

impl RingReader {
    pub(super) fn new(child: &Rc<Handle>, channel: Channel) -> Self {
        Self {
            child: Rc::downgrade(child),
            channel,
            position: 0,
            dropped: 0,
        }
    }

    /// The same reader at another position, with nothing counted yet.
    #[must_use]
    pub fn at(self, position: u64) -> Self {
        Self {
            position,
            dropped: 0,
            ..self
        }
    }

    /// Where the next read begins, in bytes from the first that the output
    /// ever had.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// How many bytes this reader missed, because they were dropped before it
    /// read them.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Reads what there is, and waits for it at most this long. `Some(0)` is
    /// the end, `None` that nothing came in time. Counted in whole
    /// milliseconds, rounded up.
    ///
    /// # Errors
    ///
    /// [`ChildError::WrongStream`] when the output is not kept in a ring.
    pub fn read_timeout(
        &mut self,
        buffer: &mut [u8],
        timeout: Duration,
    ) -> Result<Option<usize>, ChildError> {
        self.read_portion(buffer, Some(timeout))
    }

    fn read_portion(
        &mut self,
        buffer: &mut [u8],
        timeout: Option<Duration>,
    ) -> Result<Option<usize>, ChildError> {
        if buffer.is_empty() {
            return Ok(Some(0));
        }
        let handle = self.child.upgrade().ok_or(ChildError::UnknownChild)?;
        let max = buffer.len().min(PORTION);
        let Some(chunk) = handle
            .child
            .read(self.channel, self.position, max, timeout)?
        else {
            return Ok(None);
        };
        self.position = chunk.next;
        self.dropped = self.dropped.saturating_add(chunk.dropped);
        buffer[..chunk.bytes.len()].copy_from_slice(&chunk.bytes);
        Ok(Some(chunk.bytes.len()))
    }
}

impl io::Read for RingReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.read_portion(buffer, None)?;
        read.ok_or_else(|| ChildError::Host("a read without an end ended".to_owned()).into())
    }
}

impl fmt::Debug for RingReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RingReader")
            .field("position", &self.position)
            .field("dropped", &self.dropped)
            .finish_non_exhaustive()
    }
}
