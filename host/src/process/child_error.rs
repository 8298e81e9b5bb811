//! Why something that was asked of a child was not done.

use std::io;

/// Why an operation on a child was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChildError {
    /// There is no such child, or it is someone else's.
    #[error("no such child")]
    Unknown,
    /// The child keeps this stream in another way, or it was taken before.
    #[error("the child keeps this stream in another way, or it was taken before")]
    WrongStream,
    /// The child's standard input is closed.
    #[error("the child's standard input is closed")]
    Closed,
    /// The operating system failed the host.
    #[error(transparent)]
    Host(io::Error),
}

impl From<io::Error> for ChildError {
    /// A pipe that nobody reads any more is a closed one.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::Host(error),
        }
    }
}
