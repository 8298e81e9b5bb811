//! Giving up root's capabilities.

use super::sys::{Errno, syscall};

/// Takes every capability from what may be gained later, where this process may.
pub(crate) fn bound() {
    const PR_CAPBSET_DROP: usize = 24;
    // More than there are: the kernel refuses the rest, and everything to a
    // process that has none to give up.
    for capability in 0..64 {
        let _ = syscall!(157, PR_CAPBSET_DROP, capability, 0, 0, 0);
    }
}

/// Gives up all of them.
pub(crate) fn drop_all() -> Result<(), Errno> {
    let mut header = [0x2008_0522u32, 0];
    let none = [0u32; 6];
    syscall!(126, header.as_mut_ptr(), none.as_ptr()).map(drop)
}
