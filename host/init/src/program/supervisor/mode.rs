//! The set-group-id bit, for directories only: on a file it would lend its group's
//! rights to whoever runs it.

use super::caller::{Caller, Last, PATH_BYTES};
use super::file::File;
use super::notify::Request;
use super::places::Places;
use crate::program::sys::{self, EINVAL, EPERM, Errno, syscall};

const AT_FDCWD: i32 = -100;
const AT_SYMLINK_NOFOLLOW: u64 = 0x100;
const AT_EMPTY_PATH: u64 = 0x1000;
const SET_USER_ID: u32 = 0o4000;

pub(crate) const CHMOD: i32 = 90;
pub(crate) const FCHMOD: i32 = 91;
pub(crate) const FCHMODAT: i32 = 268;
pub(crate) const FCHMODAT2: i32 = 452;

/// A change of mode that may be made.
pub(crate) struct Change {
    directory: File,
    mode: u32,
    /// By its descriptor, as the caller did.
    is_by_descriptor: bool,
}

impl Change {
    /// What a call would change, opened once.
    pub(crate) fn of(caller: &Caller, request: &Request, places: &Places) -> Result<Self, Errno> {
        let [first, second, third, fourth, ..] = request.args;
        let mut text = [0; PATH_BYTES];
        let mut open = |directory: i32, path: u64, flags: u64| {
            if flags & !(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) != 0 {
                return Err(EINVAL);
            }
            let path = caller.path(path, &mut text)?;
            if path.is_empty() && flags & AT_EMPTY_PATH != 0 {
                return match directory {
                    AT_FDCWD => caller.directory(),
                    number => caller.descriptor(number),
                };
            }
            let last = match flags & AT_SYMLINK_NOFOLLOW {
                0 => Last::Followed,
                _ => Last::Itself,
            };
            caller.open_path(directory, path, last)
        };
        let (directory, mode) = match request.call {
            CHMOD => (open(AT_FDCWD, first, 0)?, second),
            FCHMOD => (caller.descriptor(first as i32)?, second),
            FCHMODAT => (open(first as i32, second, 0)?, third),
            FCHMODAT2 => (open(first as i32, second, fourth as u32 as u64)?, third),
            _ => return Err(sys::ENOSYS),
        };
        let mode = mode as u32 & 0o7777;
        // The filter has asked before; what it passes on must not depend on it.
        let is_directory = sys::is_directory(directory.0)?;
        if mode & SET_USER_ID != 0 || !is_directory || !places.is_writable(&directory)? {
            return Err(EPERM);
        }
        Ok(Self {
            directory,
            mode,
            is_by_descriptor: request.call == FCHMOD,
        })
    }

    /// Makes it, as far as the kernel lets this user.
    pub(crate) fn make(&self) -> Result<(), Errno> {
        if self.is_by_descriptor {
            return syscall!(91, self.directory.0, self.mode).map(drop);
        }
        let path = self.directory.path();
        syscall!(90, path.as_text()?.as_ptr(), self.mode).map(drop)
    }
}
