//! Asks the kernel for Landlock.

#![allow(unsafe_code)]

use std::io;
use std::ptr;

/// The kernel's version of Landlock.
///
/// # Errors
///
/// `ENOSYS` when the kernel is built without it, `EOPNOTSUPP` when it was
/// started without it.
pub(super) fn version() -> io::Result<u32> {
    const CREATE_RULESET_VERSION: libc::c_uint = 1;
    let none: *const libc::c_void = ptr::null();
    // SAFETY: with this flag the call takes no structure and makes nothing.
    let version = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            none,
            0_usize,
            CREATE_RULESET_VERSION,
        )
    };
    u32::try_from(version).map_err(|_| io::Error::last_os_error())
}
