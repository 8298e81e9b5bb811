//! The jobs `landlock` and `unconfined`: run a command outside of namespaces.

use super::arguments::Arguments;
use super::command::Confinement;
use super::launch::{self, complain};
use super::run::{self, Task};
use super::tree::Tree;
use super::{capabilities, sys};
use crate::wire;

/// `init JOB SUPERVISION OWN [UID GID]`: becomes that user, enters the workspace, and
/// does as the job `run` does, but finds the command's processes by their ancestry. OWN
/// is their own directory.
pub(crate) fn direct(arguments: Arguments, confinement: Confinement) -> ! {
    if confinement == Confinement::Landlock {
        capabilities::bound();
    }
    if arguments.get(4).is_some() {
        launch::become_user(arguments.number(4), arguments.number(5));
    }
    if let Err(errno) = sys::enter_open(wire::DIRECTORY_FD) {
        complain(c"boll-init: cannot enter the workspace, error ", errno);
    }
    match Tree::new() {
        Ok(tree) => run::run(&Task::on_host(confinement, arguments), Some(tree)),
        Err(errno) => complain(
            c"boll-init: cannot find the processes that it starts, error ",
            errno,
        ),
    }
}
