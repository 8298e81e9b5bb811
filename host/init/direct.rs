//! The jobs `landlock` and `unconfined`: run a command outside of namespaces.

use crate::launch::{complain, number};
use crate::run::{self, Hold};
use crate::{capabilities, start, sys, tree::Tree, wire};

/// `init JOB [UID GID]`: becomes that user, enters the workspace, and does as
/// the job `run` does, but finds the command's processes by their ancestry.
///
/// # Safety
///
/// `stack` is the stack pointer that the kernel entered the program with.
pub(crate) unsafe fn direct(stack: *const usize, confined: bool) -> ! {
    // SAFETY: the caller's promise.
    let argument = |index| unsafe { start::argument(stack, index) };
    if confined {
        capabilities::bound();
    }
    if let Some(uid) = argument(2) {
        let (Some(uid), Some(gid)) = (number(uid), argument(3).and_then(number)) else {
            sys::exit(255)
        };
        if let Err(errno) = sys::become_user(uid, gid) {
            complain(
                c"boll-init: cannot become the processes' user, error ",
                errno,
            );
        }
    }
    if let Err(errno) = sys::enter_open(wire::DIRECTORY_FD) {
        complain(c"boll-init: cannot enter the workspace, error ", errno);
    }
    match Tree::new() {
        Ok(tree) => run::run(if confined {
            Hold::Landlock(tree)
        } else {
            Hold::Nothing(tree)
        }),
        Err(errno) => complain(
            c"boll-init: cannot find the processes that it starts, error ",
            errno,
        ),
    }
}
