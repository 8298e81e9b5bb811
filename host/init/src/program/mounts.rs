//! The system calls about mounts.

use core::ffi::CStr;

use super::sys::{Errno, syscall};

const AT_EMPTY_PATH: usize = 0x1000;
const AT_RECURSIVE: usize = 0x8000;

/// Mounts an empty file system.
pub(crate) fn mount_tmpfs(at: &CStr) -> Result<(), Errno> {
    syscall!(165, c"none".as_ptr(), at.as_ptr(), c"tmpfs".as_ptr(), 0, 0).map(drop)
}

/// Makes a directory that everybody may enter.
pub(crate) fn make_directory(at: &CStr) -> Result<(), Errno> {
    syscall!(83, at.as_ptr(), 0o755).map(drop)
}

/// Makes an empty file that something can be mounted over.
pub(crate) fn make_file(at: &CStr) -> Result<(), Errno> {
    const S_IFREG: usize = 0o100_000;
    syscall!(133, at.as_ptr(), S_IFREG | 0o444, 0).map(drop)
}

/// A copy of the mount that `directory` lies in, from there on down, attached nowhere.
pub(crate) fn clone(directory: i32) -> Result<i32, Errno> {
    const OPEN_TREE_CLONE_CLOEXEC: usize = 0o2_000_001;
    let flags = OPEN_TREE_CLONE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE;
    syscall!(428, directory, c"".as_ptr(), flags).map(|fd| fd as i32)
}

/// Maps the ids of an unattached mount as a user namespace does, and has it
/// share no later mount with anybody.
pub(crate) fn map_ids(mount: i32, namespace: i32) -> Result<(), Errno> {
    const MOUNT_ATTR_IDMAP: u64 = 0x10_0000;
    set(mount, MOUNT_ATTR_IDMAP, namespace as u64)
}

/// Has an unattached mount share no later mount with anybody.
pub(crate) fn keep_apart(mount: i32) -> Result<(), Errno> {
    set(mount, 0, 0)
}

fn set(mount: i32, attributes: u64, namespace: u64) -> Result<(), Errno> {
    const MS_PRIVATE: u64 = 1 << 18;
    // To set, to clear, the propagation, the user namespace.
    let attributes = [attributes, 0, MS_PRIVATE, namespace];
    syscall!(
        442,
        mount,
        c"".as_ptr(),
        AT_EMPTY_PATH | AT_RECURSIVE,
        attributes.as_ptr(),
        size_of_val(&attributes)
    )
    .map(drop)
}

/// Has the mounts of this namespace follow those of the namespace that it was copied
/// from, which notices nothing of what happens here.
pub(crate) fn follow() -> Result<(), Errno> {
    const MS_SLAVE_RECURSIVE: usize = 1 << 19 | 1 << 14;
    syscall!(165, 0, c"/".as_ptr(), 0, MS_SLAVE_RECURSIVE, 0).map(drop)
}

/// Takes a mount, with those below it, out of this namespace.
pub(crate) fn detach(at: &CStr) -> Result<(), Errno> {
    const MNT_DETACH: usize = 2;
    const UMOUNT_NOFOLLOW: usize = 8;
    syscall!(166, at.as_ptr(), MNT_DETACH | UMOUNT_NOFOLLOW).map(drop)
}

/// Attaches a mount over a directory.
pub(crate) fn attach(mount: i32, at: &CStr) -> Result<(), Errno> {
    const AT_FDCWD: isize = -100;
    const MOVE_MOUNT_F_EMPTY_PATH: usize = 4;
    syscall!(
        429,
        mount,
        c"".as_ptr(),
        AT_FDCWD,
        at.as_ptr(),
        MOVE_MOUNT_F_EMPTY_PATH
    )
    .map(drop)
}
