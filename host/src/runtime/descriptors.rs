//! How many descriptors the process may open.

use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the number of descriptors that the process may open as far as it may raise
/// it itself, and returns the number. It concerns the whole process, so that the
/// library does it only when it is called for: before a
/// [`Runtime`](crate::Runtime) is built, which divides what there is then. Processes
/// that capsules start have a limit of their own.
///
/// # Errors
///
/// The system refuses.
pub fn raise_descriptor_limit() -> io::Result<u64> {
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        let raised = Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        };
        setrlimit(Resource::Nofile, raised)?;
    }
    Ok(self::limit())
}

/// What the process may open now.
pub(super) fn limit() -> u64 {
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}
