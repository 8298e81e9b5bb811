//! Why an operation on a child was not done.

use super::LaunchStep;
use std::fmt;

/// Why an operation on a child was not done.
///
/// In functions that return [`std::io::Result`], `?` turns it into a
/// [`std::io::Error`] of a fitting kind that has this one as its source.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChildError {
    /// No such child: unknown, malformed, someone else's, or its
    /// [`Child`](super::Child) was dropped.
    UnknownChild,
    /// The child keeps this stream in another way, or it was taken before.
    WrongStream,
    /// The child's standard input is closed.
    Closed,
    /// More bytes at once than the limit that is given here.
    TooLarge(u64),
    /// The call that this is part of was cancelled.
    Cancelled,
    /// The host is stopping or the capsule is being unloaded.
    ShuttingDown,
    /// The operating system failed the host; the text says at what.
    Host(String),
    /// The command was accepted, and a step of starting it failed.
    LaunchFailed {
        /// The step.
        step: LaunchStep,
        /// The system's error number, 0 when there is none.
        errno: i32,
        /// What happened, in words.
        message: String,
    },
}

impl fmt::Display for ChildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownChild => f.write_str("no such child"),
            Self::WrongStream => {
                f.write_str("the child keeps this stream in another way, or it was taken before")
            }
            Self::Closed => f.write_str("the child's standard input is closed"),
            Self::TooLarge(limit) => write!(f, "at most {limit} bytes are allowed at once"),
            Self::Cancelled => f.write_str("the call was cancelled"),
            Self::ShuttingDown => {
                f.write_str("the host is stopping or the capsule is being unloaded")
            }
            Self::Host(text) => write!(f, "the host failed: {text}"),
            Self::LaunchFailed {
                step,
                errno,
                message,
            } => step.write_failure(f, *errno, message),
        }
    }
}

impl std::error::Error for ChildError {}
