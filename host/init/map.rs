//! The job `map`: shows root's workspace as an unprivileged user's own.

use core::ffi::CStr;

use crate::launch::{self, complain};
use crate::mounts;
use crate::sys::{self, Errno};

const CLONE_NEWNS: usize = 0x2_0000;

/// `init map ID NAMESPACE PLACE WORKSPACE [FD NAME]... -- PROGRAM ARGS...`:
/// puts the workspace, which is open as WORKSPACE, over the directory PLACE,
/// with its ids mapped as in the user namespace NAMESPACE; opens the workspace
/// and each NAME in it anew, under the numbers that they have; becomes the user
/// and group ID, then that program.
///
/// All of it is in a mount namespace of its own, which ends with the sandbox.
/// PLACE is there because bubblewrap walks the path of what it binds, and the
/// workspace's own may lead through directories that only root may enter.
///
/// # Safety
///
/// `stack` is the stack pointer that the kernel entered the program with.
pub(crate) unsafe fn map(stack: *const usize) -> ! {
    // SAFETY: the caller's promise.
    let argument = |index| unsafe { crate::start::argument(stack, index) };
    let number = |index| argument(index).and_then(launch::number);
    let fd = |index| number(index).map(|fd| fd as i32);
    let (Some(id), Some(namespace), Some(place), Some(workspace)) =
        (number(2), fd(3), argument(4), fd(5))
    else {
        sys::exit(255)
    };
    if let Err((what, errno)) = show(workspace, namespace, place) {
        complain(what, errno);
    }
    sys::close(namespace);
    let mut next = 6;
    while argument(next) != Some(c"--") {
        let (Some(fd), Some(name)) = (fd(next), argument(next + 1)) else {
            sys::exit(255)
        };
        if let Err(errno) = reopen(workspace, name, fd) {
            complain(
                c"boll-init: cannot open a part of .git again, error ",
                errno,
            );
        }
        next += 2;
    }
    // SAFETY: the caller's promise.
    unsafe { launch::become_program(stack, next + 1, id, id) }
}

/// Attaches the workspace at `place`, with its ids mapped, and makes
/// `workspace` a descriptor of it there.
fn show(workspace: i32, namespace: i32, place: &CStr) -> Result<(), (&'static CStr, Errno)> {
    let at = |what: &'static CStr| move |errno: Errno| (what, errno);
    // Before the unshare: only mounts of the caller's own namespace can be cloned.
    let tree = mounts::clone(workspace).map_err(at(
        c"boll-init: cannot clone the mount of the workspace, error ",
    ))?;
    mounts::map_ids(tree, namespace).map_err(at(
        c"boll-init: cannot map the ids of the workspace's mount, error ",
    ))?;
    sys::unshare(CLONE_NEWNS).map_err(at(c"boll-init: cannot make a mount namespace, error "))?;
    // Before the attaching: it would show on the host too.
    mounts::make_private().map_err(at(
        c"boll-init: cannot make the mount namespace private, error ",
    ))?;
    mounts::attach(tree, place).map_err(at(
        c"boll-init: cannot attach the workspace's mount, error ",
    ))?;
    sys::move_fd(tree, workspace).map_err(at(
        c"boll-init: cannot keep the workspace's descriptor, error ",
    ))?;
    sys::close(tree);
    Ok(())
}

/// Makes `fd` the same file as it is, but reached through the workspace.
fn reopen(workspace: i32, name: &CStr, fd: i32) -> Result<(), Errno> {
    let file = sys::open_beneath(workspace, name)?;
    // The host planned with the file that it opened; another one may have
    // taken its place since.
    if sys::identity(file)? != sys::identity(fd)? {
        return Err(sys::ESTALE);
    }
    sys::move_fd(file, fd)?;
    sys::close(file);
    Ok(())
}
