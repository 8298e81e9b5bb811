//! The job `namespace`: makes a user namespace, and keeps it until the host has it.

use super::launch::complain;
use super::sys;
use crate::wire;

/// Tells the host its process id, and waits for the end of the control pipe.
pub(crate) fn namespace() -> ! {
    if let Err(errno) = sys::unshare(sys::CLONE_NEWUSER) {
        complain(c"boll-init: cannot make a user namespace, error ", errno);
    }
    let id = sys::process_id() as u32;
    let _ = sys::write(wire::STATUS_FD, &id.to_le_bytes());
    let _ = sys::read(wire::CONTROL_FD, &mut [0]);
    sys::exit(0)
}
