//! The job `map`: shows root's workspace as an unprivileged user's own.

use core::ffi::CStr;

use super::arguments::Arguments;
use super::launch::{self, complain};
use super::mounts;
use super::sys::{self, Errno};
use super::users;

/// The argument that stands for nothing, or ends a list.
const NONE: &CStr = c"-";

/// `init map UID GID IDS NAMESPACE MOUNTS PLACE [ROOT PATH]... - [SHOWN PATH]... -
/// [ROOT FD NAME]... -- PROGRAM ARGS...`: puts each directory that is open as ROOT to its
/// PATH below the directory PLACE, with its ids mapped as in the user namespace NAMESPACE,
/// and each file or directory that is open as SHOWN as it is; opens each of them and each
/// NAME in a ROOT again, under the numbers that they have; has NAMESPACE be a new user
/// namespace with the ids IDS; becomes the user and group, then that program. Where IDS is
/// `-`, no ids are mapped, and there is no NAMESPACE.
///
/// All of it is in a copy of the mount namespace MOUNTS, which ends with the sandbox.
/// That has few mounts: bubblewrap reads the list of all for each that it makes.
/// PLACE is there because bubblewrap walks the path of what it binds, and their
/// own may lead through directories that only root may enter.
pub(crate) fn map(arguments: Arguments) -> ! {
    let (uid, gid) = (arguments.number(2), arguments.number(3));
    let ids = Some(arguments.text(4)).filter(|ids| *ids != NONE);
    let (namespace, mounts) = (arguments.descriptor(5), arguments.descriptor(6));
    let place = arguments.text(7);
    let roots = Places { arguments, next: 8 };
    let shown = Places {
        arguments,
        next: roots.end(),
    };
    if let Err((what, errno)) = show(roots, shown, ids.map(|_| namespace), mounts, place) {
        complain(what, errno);
    }
    sys::close(mounts);
    if let Some(ids) = ids
        && let Err(errno) = users::make(uid, ids, namespace)
    {
        complain(
            c"boll-init: cannot make the sandbox's user namespace, error ",
            errno,
        );
    }
    let mut next = shown.end();
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
    launch::become_program(arguments, next + 1, uid, gid)
}

/// Pairs of a descriptor and a path among the arguments, up to a `-`.
#[derive(Clone, Copy)]
struct Places {
    arguments: Arguments,
    next: usize,
}

impl Places {
    /// The argument behind them.
    fn end(mut self) -> usize {
        while self.next().is_some() {}
        self.next + 1
    }
}

impl Iterator for Places {
    type Item = (i32, &'static CStr);

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.next;
        if self.arguments.text(at) == NONE {
            return None;
        }
        self.next += 2;
        let fd = self.arguments.descriptor(at);
        Some((fd, self.arguments.text(at + 1)))
    }
}

/// Attaches each root at its path below `place`, with its ids mapped as in `namespace`, and
/// what is shown besides, and makes its descriptor one of it there.
fn show(
    roots: Places,
    shown: Places,
    namespace: Option<i32>,
    mounts: i32,
    place: &CStr,
) -> Result<(), (&'static CStr, Errno)> {
    let at = |what: &'static CStr| move |errno: Errno| (what, errno);
    // Before another is entered: only mounts of the caller's own namespace can be cloned.
    for (root, _) in roots {
        clone(root, namespace)?;
    }
    for (file, _) in shown {
        clone(file, None)?;
    }
    // What is mounted in the copy shows nowhere else: its mounts follow and never lead.
    sys::enter_mounts(mounts)
        .and_then(|()| sys::unshare(sys::CLONE_NEWNS))
        .map_err(at(c"boll-init: cannot make a mount namespace, error "))?;
    mounts::mount_tmpfs(place).map_err(at(
        c"boll-init: cannot make room for the workspace's mount, error ",
    ))?;
    for (tree, path) in roots.chain(shown) {
        let made = match sys::is_directory(tree) {
            Ok(true) => mounts::make_directory(path),
            Ok(false) => mounts::make_file(path),
            Err(errno) => Err(errno),
        };
        made.and_then(|()| mounts::attach(tree, path)).map_err(at(
            c"boll-init: cannot attach the workspace's mount, error ",
        ))?;
    }
    Ok(())
}

/// Makes a descriptor one of a copy of its mount, from there on down.
fn clone(fd: i32, namespace: Option<i32>) -> Result<(), (&'static CStr, Errno)> {
    let at = |what: &'static CStr| move |errno: Errno| (what, errno);
    let tree = mounts::clone(fd).map_err(at(
        c"boll-init: cannot clone the mount of the workspace, error ",
    ))?;
    match namespace {
        Some(namespace) => mounts::map_ids(tree, namespace),
        None => mounts::keep_apart(tree),
    }
    .map_err(at(
        c"boll-init: cannot map the ids of the workspace's mount, error ",
    ))?;
    sys::move_fd(tree, fd).map_err(at(
        c"boll-init: cannot keep the workspace's descriptor, error ",
    ))?;
    sys::close(tree);
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
