//! The jobs `check-landlock` and `check-unconfined`: try, outside of
//! namespaces, what has to be refused.

use core::ffi::CStr;

use super::arguments::Arguments;
use super::check::{self, CORE_PATTERN, O_CREATE, O_DIRECTORY, O_WRONLY};
use super::mounts;
use super::sys::{self, EPERM, Errno, syscall};

const AF_INET: usize = 2;

/// `init check-landlock SUPERVISION HOST DIRECTORY FILE OTHER-FILE`: exits with 0, or with
/// the number of the first check that failed. The host has the words for the
/// numbers in `sandbox/direct/barrier.rs`.
pub(crate) fn landlock(arguments: Arguments) -> ! {
    let (host, secret) = (arguments.number(3), arguments.text(6));
    let (directory, file) = (arguments.text(4), arguments.text(5));
    let refuses_file = |path: &CStr, flags| sys::open(path, flags).is_err();
    check::exit_with(&[
        sys::has_only_capabilities(0),
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
        socket(AF_INET) == Err(EPERM),
        check::refuses_sockets(arguments.text(2)),
        probe_signal(host) == Err(EPERM),
        trace(host) == Err(EPERM),
    ])
}

/// As the other, with the few checks that hold without a sandbox too.
pub(crate) fn unconfined() -> ! {
    check::exit_with(&[
        sys::has_no_new_privileges(),
        sys::open(c".", O_DIRECTORY).is_ok(),
    ])
}

/// Makes a stream socket of a family.
fn socket(family: usize) -> Result<i32, Errno> {
    const SOCK_STREAM: usize = 1;
    syscall!(41, family, SOCK_STREAM, 0).map(|fd| fd as i32)
}

/// Asks whether a process may be signalled.
fn probe_signal(process: u32) -> Result<(), Errno> {
    syscall!(62, process, 0).map(drop)
}

/// Traces a process.
fn trace(process: u32) -> Result<(), Errno> {
    const PTRACE_ATTACH: usize = 16;
    syscall!(101, PTRACE_ATTACH, process, 0, 0).map(drop)
}
