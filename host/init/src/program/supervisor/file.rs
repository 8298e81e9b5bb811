//! A descriptor that is closed when it is dropped.

use crate::program::path::Path;
use crate::program::sys;

/// A descriptor of the supervisor's own.
pub(crate) struct File(pub(crate) i32);

impl File {
    /// A path that leads to the very file that is open, whatever its own path leads
    /// to by now.
    pub(crate) fn path(&self) -> Path {
        let mut path = Path::new(b"/proc/thread-self/fd/");
        path.push_number(self.0 as u32);
        path
    }
}

impl Drop for File {
    fn drop(&mut self) {
        sys::close(self.0);
    }
}
