//! The job `namespace`: makes the namespaces that sandboxes of a mapped workspace are
//! built from, and keeps them until the host has them.

use core::ffi::CStr;

use super::arguments::Arguments;
use super::launch::complain;
use super::mounts;
use super::sys::{self, Errno};

/// `init namespace MOUNT...`: makes a mount namespace without these mounts, and a user
/// namespace.
pub(crate) fn namespace(arguments: Arguments) -> ! {
    if let Err((what, errno)) = make(arguments.from(2)) {
        complain(what, errno);
    }
    let _ = sys::write(1, &[0]);
    let _ = sys::read(0, &mut [0]);
    sys::exit(0)
}

fn make(mounts: impl Iterator<Item = &'static CStr>) -> Result<(), (&'static CStr, Errno)> {
    let at = |what: &'static CStr| move |errno: Errno| (what, errno);
    sys::unshare(sys::CLONE_NEWNS)
        .map_err(at(c"boll-init: cannot make a mount namespace, error "))?;
    // Before anything changes here: it would change on the host too.
    mounts::follow().map_err(at(c"boll-init: cannot keep mounts from the host, error "))?;
    for mount in mounts {
        // One that stays costs each sandbox some microseconds.
        let _ = mounts::detach(mount);
    }
    sys::unshare(sys::CLONE_NEWUSER).map_err(at(c"boll-init: cannot make a user namespace, error "))
}
