//! Why a program was not run.

use std::fmt;

/// A step on the way from a checked command to a running program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LaunchStep {
    /// Building the sandbox.
    Sandbox,
    /// Entering the working directory.
    CurrentDir,
    /// Setting the limits.
    Limits,
    /// Installing the system call filter.
    Filter,
    /// Executing the program.
    Exec,
}

impl fmt::Display for LaunchStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sandbox => "building the sandbox",
            Self::CurrentDir => "entering the working directory",
            Self::Limits => "setting the limits",
            Self::Filter => "installing the system call filter",
            Self::Exec => "executing the program",
        })
    }
}

impl LaunchStep {
    /// Says that this step failed.
    pub(super) fn write_failure(
        self,
        f: &mut fmt::Formatter<'_>,
        errno: i32,
        message: &str,
    ) -> fmt::Result {
        write!(f, "the program did not start: {self}: {message}")?;
        if errno != 0 {
            write!(f, " (error {errno})")?;
        }
        Ok(())
    }
}

/// Why a program was not run.
///
/// In functions that return [`std::io::Result`], `?` turns it into a
/// [`std::io::Error`] of a fitting kind that has this one as its source.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Not allowed.
    Denied {
        /// The capability that is missing, for example `process:git`.
        capability: String,
        /// Which rule decided, and what would allow it.
        reason: String,
    },
    /// The command is malformed; the text says where.
    Invalid(String),
    /// No such program in the sandbox's PATH, or no such path.
    NotFound(String),
    /// The path is not an executable file.
    NotExecutable(String),
    /// The working directory is missing, no directory, or outside the
    /// workspace.
    BadCurrentDir(String),
    /// A part of the command is over its limit.
    TooLarge {
        /// What is too large, for example `stdin`.
        what: String,
        /// The limit, in bytes.
        limit: u64,
        /// What was given, in bytes.
        actual: u64,
    },
    /// This machine cannot enforce the limit; the text says why.
    UnsupportedLimit(String),
    /// No sandbox works on this machine, or the host has none; the text says
    /// what would help. Nothing runs without one.
    SandboxUnavailable(String),
    /// The capsule has as many live children as it may have, given here.
    TooMany(u32),
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

/// The kind of an [`Error`], without its details.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each is documented at the error of its name")]
pub enum ErrorKind {
    Denied,
    Invalid,
    NotFound,
    NotExecutable,
    BadCurrentDir,
    TooLarge,
    UnsupportedLimit,
    SandboxUnavailable,
    TooMany,
    Cancelled,
    ShuttingDown,
    Host,
    LaunchFailed,
}

impl Error {
    /// The kind of this error.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Denied { .. } => ErrorKind::Denied,
            Self::Invalid(_) => ErrorKind::Invalid,
            Self::NotFound(_) => ErrorKind::NotFound,
            Self::NotExecutable(_) => ErrorKind::NotExecutable,
            Self::BadCurrentDir(_) => ErrorKind::BadCurrentDir,
            Self::TooLarge { .. } => ErrorKind::TooLarge,
            Self::UnsupportedLimit(_) => ErrorKind::UnsupportedLimit,
            Self::SandboxUnavailable(_) => ErrorKind::SandboxUnavailable,
            Self::TooMany(_) => ErrorKind::TooMany,
            Self::Cancelled => ErrorKind::Cancelled,
            Self::ShuttingDown => ErrorKind::ShuttingDown,
            Self::Host(_) => ErrorKind::Host,
            Self::LaunchFailed { .. } => ErrorKind::LaunchFailed,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied { capability, reason } => {
                write!(f, "the capability `{capability}` is missing: {reason}")
            }
            Self::Invalid(text) => write!(f, "invalid command: {text}"),
            Self::NotFound(text) => write!(f, "program not found: {text}"),
            Self::NotExecutable(text) => write!(f, "not an executable file: {text}"),
            Self::BadCurrentDir(text) => write!(f, "bad working directory: {text}"),
            Self::TooLarge {
                what,
                limit,
                actual,
            } => write!(
                f,
                "{what} has {actual} bytes, and at most {limit} are allowed"
            ),
            Self::UnsupportedLimit(text) => write!(f, "unsupported limit: {text}"),
            Self::SandboxUnavailable(text) => write!(f, "no sandbox: {text}"),
            Self::TooMany(limit) => {
                write!(f, "the capsule has {limit} children already, its limit")
            }
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

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_names_the_capability_and_what_would_allow_it() {
        let error = Error::Denied {
            capability: "process:git".into(),
            reason: "add it to boll.toml".into(),
        };
        assert_eq!(
            error.to_string(),
            "the capability `process:git` is missing: add it to boll.toml"
        );
        assert_eq!(error.kind(), ErrorKind::Denied);
    }

    #[test]
    fn a_failed_launch_names_its_step() {
        let error = Error::LaunchFailed {
            step: LaunchStep::Exec,
            errno: 13,
            message: "permission denied".into(),
        };
        assert_eq!(
            error.to_string(),
            "the program did not start: executing the program: permission denied (error 13)"
        );
    }
}
