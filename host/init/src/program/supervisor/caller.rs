//! The thread whose call waits: what it passed, and what it has open.
//!
//! Each thing is read once, and used as it was read: another thread may change it at
//! any time.

use core::ffi::CStr;

use super::file::File;
use crate::program::path::Path;
use crate::program::sys::{self, ENAMETOOLONG, EOPNOTSUPP, EPERM, EPROTO, Errno, syscall};

/// The longest path, with its NUL.
pub(crate) const PATH_BYTES: usize = 4096;
/// The directory of a call that stands for the current one.
const AT_FDCWD: i32 = -100;
const O_PATH_CLOEXEC: u64 = 0o12_000_000;
const O_NOFOLLOW: u64 = 0o400_000;

/// The thread whose call waits.
pub(crate) struct Caller {
    thread: u32,
    process: File,
}

/// How a path is opened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Last {
    /// A link at its end is followed.
    Followed,
    /// A link at its end is what is opened.
    Itself,
}

impl Caller {
    pub(crate) fn open(thread: u32) -> Result<Self, Errno> {
        const PIDFD_THREAD: usize = 0o200;
        // Linux 6.9. Before, only the first thread of a process can be opened; the others
        // have the same files but for what shares them on purpose in another way.
        let opened = syscall!(434, thread, PIDFD_THREAD)
            .or_else(|_| syscall!(434, thread, 0))
            .or_else(|_| syscall!(434, Status::of(thread)?.number(b"Tgid:", 10)?, 0));
        let process = File(opened? as i32);
        Ok(Self { thread, process })
    }

    /// Reads its memory.
    pub(crate) fn read(&self, at: u64, into: &mut [u8]) -> Result<(), Errno> {
        let len = into.len();
        if self.read_some(at, into)? != len {
            return Err(sys::EFAULT);
        }
        Ok(())
    }

    /// Reads a path from its memory.
    pub(crate) fn path<'a>(
        &self,
        at: u64,
        into: &'a mut [u8; PATH_BYTES],
    ) -> Result<&'a CStr, Errno> {
        const PAGE: u64 = 4096;
        let mut len = 0;
        while len < PATH_BYTES {
            let from = at.wrapping_add(len as u64);
            // No further than the page: the next one may not be there.
            let room = (PAGE - from % PAGE).min((PATH_BYTES - len) as u64) as usize;
            let part = into.get_mut(len..len + room).ok_or(EPROTO)?;
            self.read(from, part)?;
            if part.contains(&0) {
                return CStr::from_bytes_until_nul(into).map_err(|_| EPROTO);
            }
            len += room;
        }
        Err(ENAMETOOLONG)
    }

    fn read_some(&self, at: u64, into: &mut [u8]) -> Result<usize, Errno> {
        let own = [into.as_mut_ptr() as usize, into.len()];
        let theirs = [at as usize, into.len()];
        syscall!(310, self.thread, own.as_ptr(), 1, theirs.as_ptr(), 1, 0)
    }

    /// A descriptor of the same open file as one of its own.
    pub(crate) fn descriptor(&self, number: i32) -> Result<File, Errno> {
        syscall!(438, self.process.0, number, 0).map(|fd| File(fd as i32))
    }

    /// Its current directory.
    pub(crate) fn directory(&self) -> Result<File, Errno> {
        let mut path = Path::process(self.thread);
        path.push(b"/cwd");
        path.open(O_PATH_CLOEXEC as i32).map(File)
    }

    /// Opens what a path leads to for it, only to refer to it.
    pub(crate) fn open_path(&self, directory: i32, path: &CStr, last: Last) -> Result<File, Errno> {
        if let Some((number, rest)) = of_own_descriptors(path) {
            let file = self.descriptor(number)?;
            return match rest {
                None if last == Last::Itself => Err(EOPNOTSUPP),
                None => Ok(file),
                Some(rest) => open_at(file.0, rest, last),
            };
        }
        if path.to_bytes().starts_with(b"/") {
            return open_at(AT_FDCWD, path, last);
        }
        let directory = match directory {
            AT_FDCWD => self.directory()?,
            number => self.descriptor(number)?,
        };
        open_at(directory.0, path, last)
    }

    /// The mode bits that it makes no files with.
    pub(crate) fn umask(&self) -> Result<u64, Errno> {
        Status::of(self.thread)?.number(b"Umask:", 8)
    }

    /// Whether a signal that it handles waits for it.
    pub(crate) fn has_signal(thread: u32) -> bool {
        let Ok(status) = Status::of(thread) else {
            return false;
        };
        let set = |name: &[u8]| status.number(name, 16).unwrap_or(0);
        let pending = set(b"SigPnd:") | set(b"ShdPnd:");
        pending & !set(b"SigBlk:") & set(b"SigCgt:") != 0
    }
}

/// Opens a path, only to refer to it. Links of `/proc` are not followed: they would
/// lead to what the supervisor has open, not the caller.
fn open_at(directory: i32, path: &CStr, last: Last) -> Result<File, Errno> {
    const NO_MAGIC_LINKS: u64 = 2;
    let nofollow = match last {
        Last::Followed => 0,
        Last::Itself => O_NOFOLLOW,
    };
    // The flags, the mode, how to resolve.
    let how = [O_PATH_CLOEXEC | nofollow, 0, NO_MAGIC_LINKS];
    let (path, len) = (path.as_ptr(), size_of_val(&how));
    syscall!(437, directory, path, how.as_ptr(), len).map(|fd| File(fd as i32))
}

/// The descriptor that a path of `/proc` stands for, and the path from there on. The C
/// library changes the mode of what it has open by such a path.
fn of_own_descriptors(path: &CStr) -> Option<(i32, Option<&CStr>)> {
    const PLACES: [&[u8]; 3] = [b"/proc/self/fd/", b"/proc/thread-self/fd/", b"/dev/fd/"];
    let bytes = path.to_bytes_with_nul();
    let rest = PLACES.iter().find_map(|place| bytes.strip_prefix(*place))?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = rest.split_at_checked(digits)?;
    let number = core::str::from_utf8(number).ok()?.parse().ok()?;
    match rest {
        [0] => Some((number, None)),
        [b'/', below @ ..] => {
            let first = below.iter().position(|byte| *byte != b'/')?;
            let below = CStr::from_bytes_with_nul(below.get(first..)?).ok()?;
            (!below.is_empty()).then_some((number, Some(below)))
        }
        _ => None,
    }
}

/// The `status` file of a thread: its lines of one number.
struct Status {
    text: [u8; 4096],
    len: usize,
}

impl Status {
    fn of(thread: u32) -> Result<Self, Errno> {
        const O_CLOEXEC: i32 = 0o2_000_000;
        let mut path = Path::process(thread);
        path.push(b"/status");
        let file = File(path.open(O_CLOEXEC)?);
        Self::read(|into| sys::read(file.0, into))
    }

    /// Leaves out lines that are longer than a number's. A user may be in 65,536 groups, and
    /// signals are listed behind them.
    fn read(mut next: impl FnMut(&mut [u8]) -> Result<usize, Errno>) -> Result<Self, Errno> {
        const LINE_MAX: usize = 128;
        let (mut text, mut len, mut start) = ([0; 4096], 0, 0);
        let (mut part, mut fits) = ([0; 1024], true);
        loop {
            let count = next(&mut part)?;
            if count == 0 {
                return Ok(Self { text, len });
            }
            for byte in part.iter().take(count) {
                fits &= len - start < LINE_MAX;
                if let Some(place) = text.get_mut(len).filter(|_| fits) {
                    *place = *byte;
                    len += 1;
                }
                if *byte == b'\n' {
                    len = if fits { len } else { start };
                    (start, fits) = (len, true);
                }
            }
        }
    }

    /// The number of a line that begins so.
    fn number(&self, name: &[u8], radix: u32) -> Result<u64, Errno> {
        let text = self.text.get(..self.len).unwrap_or_default();
        // The first line, the name of the program, has no line end in it.
        let mut lines = text.split(|byte| *byte == b'\n');
        let value = lines.find_map(|line| line.strip_prefix(name));
        let value = core::str::from_utf8(value.ok_or(EPERM)?).map_err(|_| EPROTO)?;
        u64::from_str_radix(value.trim(), radix).map_err(|_| EPROTO)
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::CString;
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::MetadataExt;

    use super::*;

    fn own() -> Caller {
        Caller::open(sys::thread_id() as u32).unwrap()
    }

    #[test]
    fn memory_is_read_to_the_end_of_a_text_and_no_further() {
        let text = CString::new("x".repeat(4095)).unwrap();
        let mut place = [0; PATH_BYTES];
        let read = own()
            .path(text.as_ptr() as u64, &mut place)
            .map(|text| text.count_bytes());
        assert_eq!(read, Ok(4095));
        let text = CString::new("x".repeat(4096)).unwrap();
        let read = own().path(text.as_ptr() as u64, &mut place);
        assert_eq!(read.err(), Some(ENAMETOOLONG));
        assert_eq!(own().path(8, &mut place).err(), Some(sys::EFAULT));
    }

    #[test]
    fn a_path_of_a_descriptor_is_the_callers() {
        let own_place = |text: &str| {
            let path = CString::new(text).unwrap();
            of_own_descriptors(&path)
                .map(|(number, rest)| (number, rest.map(|rest| rest.to_bytes().to_vec())))
        };
        assert_eq!(own_place("/proc/self/fd/7"), Some((7, None)));
        assert_eq!(
            own_place("/dev/fd/7//a/b"),
            Some((7, Some(b"a/b".to_vec())))
        );
        for other in [
            "/proc/self/fd/",
            "/proc/self/fd/7x",
            "/proc/self/fd/-7",
            "/proc/1/fd/7",
            "/proc/self/fd/7/",
            "/proc/self/fd/99999999999",
        ] {
            assert_eq!(own_place(other), None, "{other}");
        }
        let directory = std::fs::File::open("/proc/sys").unwrap();
        let path = std::format!("/proc/self/fd/{}/kernel", directory.as_raw_fd());
        let path = CString::new(path).unwrap();
        let file = own()
            .open_path(AT_FDCWD, &path, Last::Followed)
            .ok()
            .unwrap();
        let expected = std::fs::metadata("/proc/sys/kernel").unwrap();
        assert_eq!(sys::identity(file.0), Ok([expected.dev(), expected.ino()]));
    }

    #[test]
    fn a_link_to_what_somebody_has_open_is_not_followed() {
        for path in [c"/proc/self/cwd", c"/proc/self/root/tmp", c"/proc/self/exe"] {
            let opened = own().open_path(AT_FDCWD, path, Last::Followed);
            assert_eq!(opened.err(), Some(40), "{path:?}");
        }
    }

    #[test]
    fn no_number_of_groups_hides_the_signals() {
        let groups = "4294967294 ".repeat(65_536);
        let text = std::format!("Umask:\t0022\nGroups:\t{groups}\nSigPnd:\t0000000000002000\n");
        let mut rest = text.as_bytes();
        let status = Status::read(|into| std::io::Read::read(&mut rest, into).map_err(|_| EPROTO));
        let status = status.ok().unwrap();
        assert_eq!(status.number(b"Umask:", 8), Ok(0o22));
        assert_eq!(status.number(b"SigPnd:", 16), Ok(0x2000));
        assert_eq!(status.number(b"Groups:", 10), Err(EPERM));
    }

    #[test]
    fn a_status_has_the_mask_and_the_process() {
        let status = Status::of(sys::thread_id() as u32).unwrap();
        assert_eq!(status.number(b"Tgid:", 10), Ok(std::process::id().into()));
        assert!(own().umask().unwrap() <= 0o777);
        assert!(!Caller::has_signal(sys::thread_id() as u32));
    }
}
