//! The jobs `check-landlock` and `check-unconfined`: try, outside of
//! namespaces, what has to be refused.

use core::ffi::CStr;

use super::arguments::Arguments;
use super::check::{self, CORE_PATTERN, O_CREATE, O_DIRECTORY, O_WRONLY};
use super::launch::number;
use super::mounts;
use super::sys::{self, EPERM};

const AF_UNIX: usize = 1;
const AF_INET: usize = 2;

/// `init check-landlock HOST DIRECTORY FILE OTHER-FILE`: exits with 0, or with
/// the number of the first check that failed. The host has the words for the
/// numbers in `sandbox/direct/barrier.rs`.
pub(crate) fn landlock(arguments: Arguments) -> ! {
    let argument = |index| arguments.get(index);
    let (Some(host), Some(directory), Some(file), Some(secret)) = (
        argument(2).and_then(number),
        argument(3),
        argument(4),
        argument(5),
    ) else {
        sys::exit(254)
    };
    let refuses_file = |path: &CStr, flags| sys::open(path, flags).is_err();
    check::exit_with(&[
        sys::has_no_capabilities(),
        sys::has_no_new_privileges(),
        sys::unshare(sys::CLONE_NEWUSER) == Err(EPERM),
        mounts::mount_tmpfs(c"/tmp") == Err(EPERM),
        refuses_file(CORE_PATTERN, O_WRONLY),
        refuses_file(c"/written-by-the-check", O_WRONLY | O_CREATE),
        sys::open(c".", O_DIRECTORY).is_ok(),
        refuses_file(c"written-by-the-check", O_WRONLY | O_CREATE),
        refuses_file(c"/etc/shadow", 0),
        refuses_file(directory, O_DIRECTORY),
        refuses_file(file, 0),
        refuses_file(file, O_WRONLY),
        refuses_file(secret, 0),
        sys::socket(AF_INET) == Err(EPERM),
        sys::socket(AF_UNIX) == Err(EPERM),
        sys::probe_signal(host) == Err(EPERM),
        sys::trace(host) == Err(EPERM),
    ])
}

/// As the other, with the few checks that hold without a sandbox too.
pub(crate) fn unconfined() -> ! {
    check::exit_with(&[
        sys::has_no_new_privileges(),
        sys::open(c".", O_DIRECTORY).is_ok(),
    ])
}
