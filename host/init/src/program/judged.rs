//! Opens what the host has judged, and nothing that has taken its place since.
//!
//! The host judges a file through its own mounts. A command must not be given
//! that file: what it starts in, or runs from, would reach past the mounts of its
//! sandbox, and be writable where the sandbox is not. So the path is walked again
//! here, without following a link, and what it leads to is compared. Device and
//! number are the same in every mount of a file system, with mapped ids too, and
//! no other file has them while the host's descriptor is open.

use core::ffi::CStr;

use super::order::{Order, Rule};
use super::sys::{self, ENAMETOOLONG, ENOENT, ENOTDIR, EPROTO, ESTALE, Errno, syscall};

/// The longest name of a directory entry, and its NUL.
const NAME_BYTES: usize = 256;

/// Opens `path`, from the root or from the current directory, only to refer to
/// it. [`ESTALE`] when it is not the file that is open as `judged`.
pub(crate) fn open(path: &CStr, judged: i32) -> Result<i32, Errno> {
    let path = path.to_bytes();
    let start = if path.starts_with(b"/") { c"/" } else { c"." };
    let mut at = sys::open_path(start)?;
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => continue,
            // The host sends a path that has none.
            b".." => return Err(EPROTO),
            _ => {}
        }
        let mut name = [0; NAME_BYTES];
        let place = name.get_mut(..part.len()).ok_or(ENAMETOOLONG)?;
        place.copy_from_slice(part);
        let name = CStr::from_bytes_until_nul(&name).map_err(|_| ENAMETOOLONG)?;
        let entry = open_entry(at, name);
        sys::close(at);
        at = entry.map_err(|errno| match errno {
            // It was there when the host looked. A link is no directory.
            ENOENT | ENOTDIR => ESTALE,
            errno => errno,
        })?;
    }
    if sys::identity(at)? != sys::identity(judged)? {
        return Err(ESTALE);
    }
    Ok(at)
}

/// Becomes the program that is open as `file`, with lists as [`sys::execute`] has them.
pub(crate) fn execute(file: i32, args: &[usize], env: &[usize]) -> Errno {
    const AT_EMPTY_PATH: usize = 0x1000;
    let (args, env) = (args.as_ptr(), env.as_ptr());
    match syscall!(322, file, c"".as_ptr(), args, env, AT_EMPTY_PATH) {
        Ok(_) => 0,
        Err(errno) => errno,
    }
}

/// Opens the path of a rule, only to refer to it. [`ESTALE`] when it leads
/// elsewhere than the rule says.
pub(crate) fn open_rule(rule: &Rule) -> Result<i32, Errno> {
    let file = sys::open_path(rule.path)?;
    match rule.identity {
        Some(identity) if sys::identity(file)? != identity => {
            sys::close(file);
            Err(ESTALE)
        }
        _ => Ok(file),
    }
}

/// Whether the sandbox shows what the host judged: its builder follows the paths
/// that it mounts, and somebody may have put a link in the way.
pub(crate) fn compare(order: &Order) -> Result<(), Errno> {
    for rule in order.rules() {
        sys::close(open_rule(&rule)?);
    }
    Ok(())
}

/// Opens an entry of a directory, only to refer to it; a link as itself.
fn open_entry(directory: i32, name: &CStr) -> Result<i32, Errno> {
    const O_PATH_NOFOLLOW_CLOEXEC: usize = 0o12_400_000;
    let name = name.as_ptr();
    syscall!(257, directory, name, O_PATH_NOFOLLOW_CLOEXEC, 0).map(|fd| fd as i32)
}

#[cfg(test)]
mod tests {
    use std::ffi::CString;
    use std::fs::File;
    use std::os::fd::AsRawFd;

    use super::*;

    /// What comes of opening a path where this file was judged.
    fn opened(path: &str, judged: &str) -> Result<(), Errno> {
        let judged = File::open(judged).unwrap();
        let path = CString::new(path).unwrap();
        open(&path, judged.as_raw_fd()).map(sys::close)
    }

    #[test]
    fn only_what_was_judged_is_opened() {
        assert_eq!(opened("/proc/sys/kernel", "/proc/sys/kernel"), Ok(()));
        assert_eq!(opened("//proc/./sys/kernel/", "/proc/sys/kernel"), Ok(()));
        assert_eq!(opened("/", "/"), Ok(()));
        assert_eq!(opened("", "."), Ok(()));
        assert_eq!(opened("/proc/sys/kernel", "/proc/sys"), Err(ESTALE));
    }

    #[test]
    fn no_link_is_followed_and_no_way_goes_up() {
        assert_eq!(opened("/proc/self/fd", "/proc/self/fd"), Err(ESTALE));
        assert_eq!(opened("/proc/sys/..", "/proc"), Err(EPROTO));
    }

    #[test]
    fn what_is_gone_was_replaced_and_what_is_too_long_is_an_error() {
        assert_eq!(opened("/proc/not-here", "/proc"), Err(ESTALE));
        let long = "x".repeat(256);
        assert_eq!(opened(&long, "/proc"), Err(ENAMETOOLONG));
        let longest = "x".repeat(255);
        assert_eq!(opened(&longest, "/proc"), Err(ESTALE));
    }
}
