//! The job `check`: tries from inside what the sandbox has to refuse.

use core::ffi::CStr;

use super::arguments::Arguments;
use super::mounts;
use super::sys::{self, EACCES, EPERM, Errno, syscall};
use crate::wire;

pub(crate) const O_WRONLY: i32 = 1;
pub(crate) const O_CREATE: i32 = 0o100;
pub(crate) const O_DIRECTORY: i32 = 0o200_000;

/// A kernel setting that would run a program of the guest's choice as root.
pub(crate) const CORE_PATTERN: &core::ffi::CStr = c"/proc/sys/kernel/core_pattern";

/// Exits with 0, or with the number of the first check that failed. The host
/// has the words for the numbers in `sandbox/bubblewrap/probe.rs`. With `own`, the
/// workspace has to be this process's own, which then has the capabilities over
/// other owners' files in it.
pub(crate) fn check(arguments: Arguments, own: bool) -> ! {
    let capabilities = if own { wire::OVER_OWNERS } else { 0 };
    exit_with(&[
        sys::process_id() > 1 && sys::process_id() < 10,
        sys::has_only_capabilities(capabilities),
        sys::has_no_new_privileges(),
        sys::unshare(sys::CLONE_NEWUSER) == Err(EPERM),
        mounts::mount_tmpfs(c"/tmp") == Err(EPERM),
        sys::open(CORE_PATTERN, O_WRONLY).is_err(),
        sys::open(c"/written-by-the-check", O_WRONLY | O_CREATE).is_err(),
        sys::open(c"/workspace", O_DIRECTORY).is_ok(),
        sys::open(c"/etc/shadow", 0).is_err(),
        route_to([192, 0, 2, 1]) == Err(sys::ENETUNREACH),
        refuses_sockets(arguments.text(2)),
        !own || sys::open(c"/workspace", O_DIRECTORY).is_ok_and(sys::owns),
    ])
}

/// Whether no unix socket is connected to what is not a process's own: because there
/// are none, or because the supervisor, which answers, says so.
pub(crate) fn refuses_sockets(supervision: &CStr) -> bool {
    const AF_UNIX: u8 = 1;
    const SOCK_STREAM: usize = 1;
    let made = syscall!(41, AF_UNIX, SOCK_STREAM, 0);
    if supervision.to_bytes() == wire::UNSUPERVISED.as_bytes() {
        return made == Err(EPERM);
    }
    let Ok(socket) = made else { return false };
    let name = *b"\x01\0/dev/null\0";
    let result = syscall!(42, socket, name.as_ptr(), name.len());
    sys::close(socket as i32);
    result == Err(EACCES)
}

/// Exits with 0, or with the number of the first check that failed.
pub(crate) fn exit_with(checks: &[bool]) -> ! {
    for (index, passed) in checks.iter().enumerate() {
        if !passed {
            sys::exit(index as i32 + 1);
        }
    }
    sys::exit(0)
}

/// Sets the address that a datagram socket would send to. Sends nothing.
fn route_to(address: [u8; 4]) -> Result<(), Errno> {
    const AF_INET: u8 = 2;
    const SOCK_DGRAM: usize = 2;
    let socket = syscall!(41, AF_INET, SOCK_DGRAM, 0)? as i32;
    let [a, b, c, d] = address;
    let name = [AF_INET, 0, 0, 9, a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0];
    let result = syscall!(42, socket, name.as_ptr(), name.len()).map(drop);
    sys::close(socket);
    result
}
