//! Giving up root's capabilities.

use super::sys::{self, Errno, syscall};

const VERSION_AND_SELF: [u32; 2] = [0x2008_0522, 0];
/// `CAP_SETPCAP`.
const SET_BOUNDS: u32 = 1 << 8;

/// Takes every capability from what may be gained later, where this process may.
pub(crate) fn bound() {
    const PR_CAPBSET_DROP: usize = 24;
    // More than there are: the kernel refuses the rest, and everything to a
    // process that has none to give up.
    for capability in 0..64 {
        let _ = syscall!(157, PR_CAPBSET_DROP, capability, 0, 0, 0);
    }
}

/// Gives up all but these, of those that it has; none can be gained again.
pub(crate) fn keep_only(kept: u32) -> Result<(), Errno> {
    const PR_CAPBSET_DROP: usize = 24;
    let mut header = VERSION_AND_SELF;
    let mut sets = [0u32; 6];
    syscall!(125, header.as_mut_ptr(), sets.as_mut_ptr())?;
    let [effective, permitted, inherited, ..] = sets;
    if permitted & SET_BOUNDS != 0 {
        for capability in (0..u32::BITS).filter(|capability| kept >> capability & 1 == 0) {
            // The kernel refuses those that it does not have.
            let _ = syscall!(157, PR_CAPBSET_DROP, capability, 0, 0, 0);
        }
    }
    // The ambient set follows the permitted one.
    let [effective, permitted, inherited] = [effective, permitted, inherited].map(|set| set & kept);
    set([effective, permitted, inherited, 0, 0, 0])
}

/// Gives up all of them.
pub(crate) fn drop_all() -> Result<(), Errno> {
    set([0; 6])
}

/// Becomes a user and group, and keeps the capabilities that this process has.
pub(crate) fn keep_as_user(uid: u32, gid: u32) -> Result<(), Errno> {
    const PR_SET_KEEPCAPS: usize = 8;
    syscall!(157, PR_SET_KEEPCAPS, 1, 0, 0, 0)?;
    sys::become_user(uid, gid)?;
    // They are permitted still, and no longer in effect.
    let mut header = VERSION_AND_SELF;
    let mut sets = [0u32; 6];
    syscall!(125, header.as_mut_ptr(), sets.as_mut_ptr())?;
    let [_, low, _, _, high, _] = sets;
    set([low, low, 0, high, high, 0])
}

/// Sets what is in effect, permitted and inherited, each in its lower half and then in its
/// upper.
fn set(sets: [u32; 6]) -> Result<(), Errno> {
    let mut header = VERSION_AND_SELF;
    syscall!(126, header.as_mut_ptr(), sets.as_ptr()).map(drop)
}
