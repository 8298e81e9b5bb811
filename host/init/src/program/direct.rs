//! The jobs `landlock` and `unconfined`: run a command outside of namespaces.

use super::arguments::Arguments;
use super::launch::{complain, number};
use super::run::{self, Hold};
use super::tree::Tree;
use super::{capabilities, sys};
use crate::wire;

/// `init JOB [UID GID]`: becomes that user, enters the workspace, and does as
/// the job `run` does, but finds the command's processes by their ancestry.
pub(crate) fn direct(arguments: Arguments, confined: bool) -> ! {
    let argument = |index| arguments.get(index);
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
