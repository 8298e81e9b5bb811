//! What a program that ran to its end left behind.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// Which limit ended a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LimitKind {
    /// Memory.
    Memory,
    /// Processor time.
    CpuSeconds,
    /// Processes and threads.
    Pids,
    /// The size of a file.
    FileSize,
}

/// Why a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// Of its own accord, or by a signal from inside its sandbox.
    Own,
    /// The capsule asked for it.
    Requested,
    /// The call that it belongs to was cancelled.
    Cancelled,
    /// Its timeout, or that of its call.
    TimedOut,
    /// A limit.
    Limit(LimitKind),
    /// The capsule was unloaded or the host stopped.
    Shutdown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Code(u8),
    Signal(u8),
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExitStatus {
    end: End,
    cause: Cause,
}

impl ExitStatus {
    /// It exited with this code.
    pub fn from_code(code: u8, cause: Cause) -> Self {
        Self {
            end: End::Code(code),
            cause,
        }
    }

    /// It was ended by this signal.
    pub fn from_signal(signal: u8, cause: Cause) -> Self {
        Self {
            end: End::Signal(signal),
            cause,
        }
    }

    /// Whether it exited with code 0 and of its own accord.
    pub fn success(&self) -> bool {
        self.end == End::Code(0) && self.cause == Cause::Own
    }

    /// The exit code; `None` when a signal ended the program.
    pub fn code(&self) -> Option<i32> {
        match self.end {
            End::Code(code) => Some(code.into()),
            End::Signal(_) => None,
        }
    }

    /// The number of the signal that ended the program, if one did.
    pub fn signal(&self) -> Option<i32> {
        match self.end {
            End::Signal(signal) => Some(signal.into()),
            End::Code(_) => None,
        }
    }

    /// Why the program ended.
    pub fn cause(&self) -> Cause {
        self.cause
    }
}

impl fmt::Display for ExitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.end {
            End::Code(code) => write!(f, "exit status: {code}")?,
            End::Signal(signal) => write!(f, "signal: {signal}")?,
        }
        f.write_str(match self.cause {
            Cause::Own => "",
            Cause::Requested => " (asked for)",
            Cause::Cancelled => " (the call was cancelled)",
            Cause::TimedOut => " (timed out)",
            Cause::Limit(LimitKind::Memory) => " (over its memory limit)",
            Cause::Limit(LimitKind::CpuSeconds) => " (over its processor time limit)",
            Cause::Limit(LimitKind::Pids) => " (over its process limit)",
            Cause::Limit(LimitKind::FileSize) => " (over its file size limit)",
            Cause::Shutdown => " (the host stopped or the capsule was unloaded)",
        })
    }
}

/// What a program that ran to its end left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// The newest bytes that it wrote to stdout. Empty unless piped.
    pub stdout: Vec<u8>,
    /// How many older bytes of stdout were dropped.
    pub stdout_dropped: u64,
    /// The newest bytes that it wrote to stderr. Empty unless piped.
    pub stderr: Vec<u8>,
    /// How many older bytes of stderr were dropped.
    pub stderr_dropped: u64,
    /// From the start of the program to its end.
    pub elapsed: Duration,
}

impl Output {
    /// The output of a program that ended like this and wrote nothing. The
    /// host makes its own; this one is for tests.
    pub fn new(status: ExitStatus) -> Self {
        Self {
            status,
            stdout: Vec::new(),
            stdout_dropped: 0,
            stderr: Vec::new(),
            stderr_dropped: 0,
            elapsed: Duration::ZERO,
        }
    }

    /// Stdout as text, with U+FFFD in place of what is not UTF-8.
    pub fn stdout_lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.stdout)
    }

    /// Stderr as text, with U+FFFD in place of what is not UTF-8.
    pub fn stderr_lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.stderr)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn success_is_code_0_of_its_own_accord() {
        assert!(ExitStatus::from_code(0, Cause::Own).success());
        assert!(!ExitStatus::from_code(0, Cause::TimedOut).success());
        assert!(!ExitStatus::from_code(1, Cause::Own).success());
        assert!(!ExitStatus::from_signal(0, Cause::Own).success());
    }

    #[test]
    fn a_status_reads_like_one_of_std() {
        let status = ExitStatus::from_signal(9, Cause::TimedOut);
        assert_eq!(status.to_string(), "signal: 9 (timed out)");
        assert_eq!((status.code(), status.signal()), (None, Some(9)));
        let status = ExitStatus::from_code(2, Cause::Own);
        assert_eq!(status.to_string(), "exit status: 2");
    }
}
