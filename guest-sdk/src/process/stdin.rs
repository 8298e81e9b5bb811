//! A child's standard input.

use super::ChildError;
use super::child::Handle;
use std::fmt;
use std::io;
use std::rc::{Rc, Weak};
use std::time::Duration;

/// How many bytes are given to the host at once.
const PORTION: usize = 64 << 10;

/// The standard input of a [`Child`](super::Child). Writing waits while the
/// pipe is full; dropping it closes the input, unless the child was
/// [detached](super::Child::detach).
pub struct ChildStdin {
    child: Weak<Handle>,
}

impl ChildStdin {
    pub(super) fn of(child: &Rc<Handle>) -> Self {
        Self {
            child: Rc::downgrade(child),
        }
    }

    /// Writes, and waits while the pipe is full, at most this long; gives how
    /// many bytes were taken. Counted in whole milliseconds, rounded up.
    ///
    /// # Errors
    ///
    /// [`ChildError::Closed`] when the child has closed its input or ended.
    pub fn write_timeout(&mut self, bytes: &[u8], timeout: Duration) -> Result<usize, ChildError> {
        self.write_portion(bytes, Some(timeout))
    }

    /// Closes the input, of a detached child too.
    ///
    /// # Errors
    ///
    /// Those of the host.
    pub fn close(self) -> Result<(), ChildError> {
        match self.child.upgrade() {
            Some(handle) => handle.child.close_stdin(),
            // The input ended with the child.
            None => Ok(()),
        }
    }

    fn write_portion(
        &mut self,
        bytes: &[u8],
        timeout: Option<Duration>,
    ) -> Result<usize, ChildError> {
        if bytes.is_empty() {
            return Ok(0);
        }
        let handle = self.child.upgrade().ok_or(ChildError::UnknownChild)?;
        let portion = &bytes[..bytes.len().min(PORTION)];
        handle.child.write(portion, timeout)
    }
}

impl io::Write for ChildStdin {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(self.write_portion(bytes, None)?)
    }

    /// What is written is in the pipe already.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for ChildStdin {
    fn drop(&mut self) {
        let Some(handle) = self.child.upgrade() else {
            return;
        };
        if !handle.detached.get() {
            // As in `std`, nobody is told that closing failed.
            let _ = handle.child.close_stdin();
        }
    }
}

impl fmt::Debug for ChildStdin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChildStdin").finish_non_exhaustive()
    }
}
