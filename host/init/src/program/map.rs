//! The job `map`: shows root's workspace as an unprivileged user's own.

use core::ffi::CStr;

use super::arguments::Arguments;
use super::launch::{self, complain};
use super::mounts;
use super::sys::{self, Errno};

/// The most directories that are shown.
const ROOTS_MAX: usize = 2;

/// `init map ID NAMESPACE MOUNTS PLACE [ROOT PATH]... - [ROOT FD NAME]... --
/// PROGRAM ARGS...`: puts each directory that is open as ROOT to its PATH below the
/// directory PLACE, with its ids mapped as in the user namespace NAMESPACE; opens
/// each ROOT and each NAME in it again, under the numbers that they have; becomes
/// the user and group ID, then that program.
///
/// All of it is in a copy of the mount namespace MOUNTS, which ends with the sandbox.
/// That has few mounts: bubblewrap reads the list of all for each that it makes.
/// PLACE is there because bubblewrap walks the path of what it binds, and their
/// own may lead through directories that only root may enter.
pub(crate) fn map(arguments: Arguments) -> ! {
    let id = arguments.number(2);
    let (namespace, mounts) = (arguments.descriptor(3), arguments.descriptor(4));
    let place = arguments.text(5);
    let mut roots = [None; ROOTS_MAX];
    let mut next = 6;
    for slot in &mut roots {
        if arguments.text(next) == c"-" {
            break;
        }
        *slot = Some((arguments.descriptor(next), arguments.text(next + 1)));
        next += 2;
    }
    if arguments.text(next) != c"-" {
        sys::exit(255)
    }
    next += 1;
    if let Err((what, errno)) = show(&roots, namespace, mounts, place) {
        complain(what, errno);
    }
    sys::close(namespace);
    sys::close(mounts);
    while arguments.text(next) != c"--" {
        let (root, fd) = (arguments.descriptor(next), arguments.descriptor(next + 1));
        if let Err(errno) = reopen(root, arguments.text(next + 2), fd) {
            complain(
                c"boll-init: cannot open a part of .git, or what git obeys, again, error ",
                errno,
            );
        }
        next += 3;
    }
    launch::become_program(arguments, next + 1, id, id)
}

/// Attaches each root at its path below `place`, with its ids mapped, and makes
/// its descriptor one of it there.
fn show(
    roots: &[Option<(i32, &CStr)>; ROOTS_MAX],
    namespace: i32,
    mounts: i32,
    place: &CStr,
) -> Result<(), (&'static CStr, Errno)> {
    let at = |what: &'static CStr| move |errno: Errno| (what, errno);
    let mut trees = [-1; ROOTS_MAX];
    // Before another is entered: only mounts of the caller's own namespace can be cloned.
    for (tree, (root, _)) in trees.iter_mut().zip(roots.iter().flatten()) {
        *tree = mounts::clone(*root).map_err(at(
            c"boll-init: cannot clone the mount of the workspace, error ",
        ))?;
        mounts::map_ids(*tree, namespace).map_err(at(
            c"boll-init: cannot map the ids of the workspace's mount, error ",
        ))?;
    }
    // What is mounted in the copy shows nowhere else: its mounts follow and never lead.
    sys::enter_mounts(mounts)
        .and_then(|()| sys::unshare(sys::CLONE_NEWNS))
        .map_err(at(c"boll-init: cannot make a mount namespace, error "))?;
    mounts::mount_tmpfs(place).map_err(at(
        c"boll-init: cannot make room for the workspace's mount, error ",
    ))?;
    for (tree, (root, path)) in trees.iter().zip(roots.iter().flatten()) {
        mounts::make_directory(path)
            .and_then(|()| mounts::attach(*tree, path))
            .map_err(at(
                c"boll-init: cannot attach the workspace's mount, error ",
            ))?;
        sys::move_fd(*tree, *root).map_err(at(
            c"boll-init: cannot keep the workspace's descriptor, error ",
        ))?;
        sys::close(*tree);
    }
    Ok(())
}

/// Makes `fd` the same file as it is, but reached through `root`.
fn reopen(root: i32, name: &CStr, fd: i32) -> Result<(), Errno> {
    let file = sys::open_beneath(root, name)?;
    // The host planned with the file that it opened; another one may have
    // taken its place since.
    if sys::identity(file)? != sys::identity(fd)? {
        return Err(sys::ESTALE);
    }
    sys::move_fd(file, fd)?;
    sys::close(file);
    Ok(())
}
