//! The errors of this module as errors of `std::io`.

use super::{ChildError, Error};
use std::io::{self, ErrorKind};

/// The kinds are those that `std` would give, where it knows the situation.
/// A cancelled call is no [`ErrorKind::Interrupted`]: that would be tried
/// again.
///
/// ```
/// # use boll_sdk::fake;
/// use boll_sdk::process::Command;
/// use std::io;
///
/// fn branches() -> io::Result<Vec<u8>> {
///     Ok(Command::new("git").arg("branch").output()?.stdout)
/// }
/// # let _host = fake::Host::new().install();
/// assert_eq!(branches().unwrap_err().kind(), io::ErrorKind::PermissionDenied);
/// ```
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match &error {
            Error::Denied { .. } | Error::NotExecutable(_) => ErrorKind::PermissionDenied,
            Error::Invalid(_) | Error::TooLarge { .. } => ErrorKind::InvalidInput,
            Error::NotFound(_) | Error::BadCurrentDir(_) => ErrorKind::NotFound,
            Error::UnsupportedLimit(_) | Error::SandboxUnavailable(_) => ErrorKind::Unsupported,
            Error::TooMany(_) => ErrorKind::QuotaExceeded,
            Error::Cancelled | Error::ShuttingDown => ErrorKind::ConnectionAborted,
            Error::Host(_) => ErrorKind::Other,
            Error::LaunchFailed { errno, .. } => launch(*errno),
        };
        Self::new(kind, error)
    }
}

/// As for [`Error`].
impl From<ChildError> for io::Error {
    fn from(error: ChildError) -> Self {
        let kind = match &error {
            ChildError::UnknownChild => ErrorKind::NotFound,
            ChildError::WrongStream | ChildError::TooLarge(_) => ErrorKind::InvalidInput,
            ChildError::Closed => ErrorKind::BrokenPipe,
            ChildError::Cancelled | ChildError::ShuttingDown => ErrorKind::ConnectionAborted,
            ChildError::Host(_) => ErrorKind::Other,
            ChildError::LaunchFailed { errno, .. } => launch(*errno),
        };
        Self::new(kind, error)
    }
}

/// The number is that of the host's system, which is not the one that a
/// component's `std` knows.
fn launch(errno: i32) -> ErrorKind {
    const EPERM: i32 = 1;
    const ENOENT: i32 = 2;
    const E2BIG: i32 = 7;
    const EAGAIN: i32 = 11;
    const ENOMEM: i32 = 12;
    const EACCES: i32 = 13;
    match errno {
        EPERM | EACCES => ErrorKind::PermissionDenied,
        ENOENT => ErrorKind::NotFound,
        E2BIG => ErrorKind::ArgumentListTooLong,
        EAGAIN => ErrorKind::QuotaExceeded,
        ENOMEM => ErrorKind::OutOfMemory,
        _ => ErrorKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::LaunchStep;

    #[test]
    fn an_io_error_keeps_the_story() {
        let error = Error::NotFound("`x`".into());
        let converted = io::Error::from(error.clone());
        assert_eq!(converted.kind(), ErrorKind::NotFound);
        let inner = converted.get_ref().and_then(|inner| inner.downcast_ref());
        assert_eq!(inner, Some(&error));
    }

    #[test]
    fn nothing_is_tried_again() {
        for error in [ChildError::Cancelled, ChildError::ShuttingDown] {
            assert_ne!(io::Error::from(error).kind(), ErrorKind::Interrupted);
        }
        assert_ne!(
            io::Error::from(Error::Cancelled).kind(),
            ErrorKind::Interrupted
        );
    }

    #[test]
    fn a_failed_launch_is_judged_by_its_number() {
        let failed = |errno| {
            let error = ChildError::LaunchFailed {
                step: LaunchStep::Exec,
                errno,
                message: String::new(),
            };
            io::Error::from(error).kind()
        };
        assert_eq!(failed(13), ErrorKind::PermissionDenied);
        assert_eq!(failed(2), ErrorKind::NotFound);
        assert_eq!(failed(0), ErrorKind::Other);
    }
}
