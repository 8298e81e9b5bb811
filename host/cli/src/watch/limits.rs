//! Why a folder cannot be watched. The kernel's limits have names that it does not say.

use std::fs::File;
use std::path::Path;

use notify_debouncer_full::notify::{Error, ErrorKind};

use crate::failure::{Code, Failure};

/// Says that a folder is not watched, and why.
pub(super) fn unwatched(folder: &Path, why: &dyn std::fmt::Display) -> String {
    format!("cannot watch {}: {why}", folder.display())
}

/// Returns what a user is told.
pub(super) fn failure(folder: &Path, error: &Error) -> Failure {
    let errno = |io: &std::io::Error| io.raw_os_error().map(nix::errno::Errno::from_raw);
    let (setting, value) = match &error.kind {
        ErrorKind::MaxFilesWatch => ("max_user_watches", 524_288),
        // The same error says that this process may open no more files.
        ErrorKind::Io(io) if errno(io) == Some(nix::errno::Errno::EMFILE) && may_open() => {
            ("max_user_instances", 1024)
        }
        _ => return Failure::new(Code::Machine, unwatched(folder, error)),
    };
    let why = format!("the limit fs.inotify.{setting} of this machine is reached");
    Failure::new(Code::Machine, unwatched(folder, &why)).hint(format!(
        "to raise it, as root: sysctl fs.inotify.{setting}={value}"
    ))
}

/// Whether an error is about the folder alone: it is gone, or may not be read.
pub(super) fn is_of_folder(error: &Error) -> bool {
    use std::io::ErrorKind::{NotADirectory, NotFound, PermissionDenied};
    match &error.kind {
        ErrorKind::PathNotFound => true,
        ErrorKind::Io(io) => [NotADirectory, NotFound, PermissionDenied].contains(&io.kind()),
        _ => false,
    }
}

fn may_open() -> bool {
    File::open("/").is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_of_the_kernel_are_named_with_the_line_that_raises_them() {
        let told = |error: &Error| {
            let failure = failure(Path::new("/p"), error);
            (failure.message().to_owned(), failure.hints().to_vec())
        };
        let watches = Error::new(ErrorKind::MaxFilesWatch);
        let instances = Error::io(std::io::Error::from_raw_os_error(24));
        for (error, name) in [
            (&watches, "fs.inotify.max_user_watches"),
            (&instances, "fs.inotify.max_user_instances"),
        ] {
            let (message, hints) = told(error);
            assert!(message.contains(name), "{message}");
            assert!(hints[0].contains(&format!("sysctl {name}=")), "{hints:?}");
            assert!(!is_of_folder(error));
        }
        let denied = Error::io(std::io::Error::from_raw_os_error(13));
        assert!(is_of_folder(&denied));
        assert!(told(&denied).0.contains("Permission denied"));
    }
}
