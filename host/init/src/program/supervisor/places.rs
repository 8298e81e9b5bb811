//! What is the tree's own of what it sees: where its sockets are, and what it may change.

use core::ffi::CStr;

use super::file::File;
use crate::program::mountinfo::OwnMounts;
use crate::program::sys::{self, Errno, syscall};

/// The most directories that a tree writes outside of namespaces.
pub(crate) const WRITABLE_MAX: usize = 4;
const PATH_BYTES: usize = 4096;

/// What is the tree's own.
pub(crate) enum Places {
    /// Mounts that only its sandbox has. What it may not change is mounted read-only.
    Mounts(OwnMounts),
    /// Directories of the host's file system, open.
    Directories {
        own: i32,
        writable: [Option<i32>; WRITABLE_MAX],
    },
}

impl Places {
    /// Whether an open file is where only the tree makes sockets.
    pub(crate) fn is_own(&self, file: &File) -> Result<bool, Errno> {
        match self {
            Self::Mounts(own) => Ok(own.holds(mount_of(file)?)),
            // Nothing gets there from elsewhere: its rules have a right for this
            // directory alone, and Landlock moves nothing to where it has more.
            Self::Directories { own, .. } => is_beneath(file, *own),
        }
    }

    /// Whether the mode of an open directory may be changed, as far as the kernel does not
    /// say by itself.
    pub(crate) fn is_writable(&self, file: &File) -> Result<bool, Errno> {
        match self {
            Self::Mounts(_) => Ok(true),
            Self::Directories { own, writable } => {
                for directory in writable.iter().flatten().chain([own]) {
                    if is_beneath(file, *directory)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
        }
    }
}

/// The number of the mount that a file was opened through.
fn mount_of(file: &File) -> Result<u64, Errno> {
    const AT_EMPTY_PATH: usize = 0x1000;
    const MOUNT_ID: u64 = 0x1000;
    /// In words: where the kernel says what it has filled in, and the number.
    const MASK_AT: usize = 0;
    const MOUNT_ID_AT: usize = 18;
    let mut words = [0u64; 32];
    let empty = c"".as_ptr();
    syscall!(
        332,
        file.0,
        empty,
        AT_EMPTY_PATH,
        MOUNT_ID,
        words.as_mut_ptr()
    )?;
    match words[MASK_AT] & MOUNT_ID {
        0 => Err(sys::EPERM),
        _ => Ok(words[MOUNT_ID_AT]),
    }
}

/// Whether the path of an open file is now that of this directory, or leads through it.
fn is_beneath(file: &File, directory: i32) -> Result<bool, Errno> {
    let mut texts = [[0; PATH_BYTES]; 2];
    let [path, above] = &mut texts;
    let path = path_of(file.0, path)?;
    let above = path_of(directory, above)?;
    Ok(path
        .strip_prefix(above)
        .is_some_and(|rest| matches!(rest, [] | [b'/', ..])))
}

fn path_of(file: i32, text: &mut [u8; PATH_BYTES]) -> Result<&[u8], Errno> {
    let mut path = crate::program::path::Path::new(b"/proc/thread-self/fd/");
    path.push_number(file as u32);
    let link = path.as_text()?;
    let len = syscall!(89, link.as_ptr(), text.as_mut_ptr(), text.len())?;
    // One that fills it may be cut.
    let path = text.get(..len).filter(|path| path.len() < PATH_BYTES);
    path.ok_or(sys::ENAMETOOLONG)
}

/// Opens a directory for [`Places::Directories`].
pub(crate) fn open(path: &CStr) -> Result<i32, Errno> {
    sys::open_path(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &CStr) -> File {
        File(open(path).unwrap())
    }

    #[test]
    fn what_is_beneath_begins_with_the_whole_of_a_directory() {
        let sys = file(c"/proc/sys");
        for (path, beneath) in [
            (c"/proc/sys/kernel", true),
            (c"/proc/sys", true),
            (c"/proc", false),
            (c"/proc/sysvipc", false),
        ] {
            assert_eq!(is_beneath(&file(path), sys.0), Ok(beneath), "{path:?}");
        }
    }

    #[test]
    fn a_mount_has_one_number() {
        let of = |path| mount_of(&file(path)).unwrap();
        assert_eq!(of(c"/proc/sys"), of(c"/proc"));
        assert_ne!(of(c"/proc"), of(c"/"));
    }
}
