//! A socket of the caller's, and the addresses that it is given.

use core::ffi::CStr;

use super::caller::Caller;
use super::file::File;
use crate::program::sys::{EINVAL, Errno, syscall};

pub(crate) const UNIX: i32 = 1;
const INET: i32 = 2;
const INET6: i32 = 10;
const NETLINK: i32 = 16;
const STREAM: i32 = 1;
const SEQPACKET: i32 = 5;

/// The longest address that the kernel takes.
const ADDRESS_BYTES: usize = 128;
/// Where the name begins in the address of a unix socket.
const NAME_AT: usize = 2;
/// The longest address of a unix socket.
const UNIX_BYTES: usize = 110;

/// A socket of the caller's.
pub(crate) struct Socket {
    pub(crate) file: File,
    pub(crate) family: i32,
    kind: i32,
}

/// An address, as it was when it was read.
#[derive(Clone, Copy)]
pub(crate) struct Address {
    /// One byte more, which stays the NUL of a path.
    bytes: [u8; ADDRESS_BYTES + 1],
    len: usize,
}

/// What the address of a unix socket is.
pub(crate) enum Name<'a> {
    Path(&'a CStr),
    /// One without a file, or none.
    Abstract,
}

impl Socket {
    pub(crate) fn of(caller: &Caller, number: u64) -> Result<Self, Errno> {
        const SO_TYPE: usize = 3;
        const SO_DOMAIN: usize = 39;
        let file = caller.descriptor(number as i32)?;
        let family = option(&file, SO_DOMAIN)?;
        let kind = option(&file, SO_TYPE)?;
        Ok(Self { file, family, kind })
    }

    /// Whether its family and kind are such that all it sends goes where it is connected to, or
    /// where the network that it has leads.
    pub(crate) fn is_known(&self) -> bool {
        match self.family {
            // One that sends datagrams takes an address with each.
            UNIX => matches!(self.kind, STREAM | SEQPACKET),
            family => matches!(family, INET | INET6 | NETLINK),
        }
    }

    /// Whether connecting may take its time.
    pub(crate) fn may_wait(&self) -> bool {
        self.family != NETLINK && matches!(self.kind, STREAM | SEQPACKET)
    }

    pub(crate) fn connect(&self, address: &Address) -> Result<(), Errno> {
        let (start, len) = (address.bytes.as_ptr(), address.len);
        syscall!(42, self.file.0, start, len).map(drop)
    }

    pub(crate) fn bind(&self, address: &Address) -> Result<(), Errno> {
        let (start, len) = (address.bytes.as_ptr(), address.len);
        syscall!(49, self.file.0, start, len).map(drop)
    }

    pub(crate) fn listen(&self, backlog: u64) -> Result<(), Errno> {
        syscall!(50, self.file.0, backlog).map(drop)
    }

    /// Whether the name of a unix socket is that of a file.
    pub(crate) fn has_path(&self) -> Result<bool, Errno> {
        let mut name = [0u8; ADDRESS_BYTES];
        let mut len = name.len() as u32;
        syscall!(51, self.file.0, name.as_mut_ptr(), &raw mut len)?;
        Ok(len as usize > NAME_AT && name[NAME_AT] != 0)
    }

    /// What came of connecting.
    pub(crate) fn take_error(&self) -> Result<(), Errno> {
        const SO_ERROR: usize = 4;
        match option(&self.file, SO_ERROR)? {
            0 => Ok(()),
            errno => Err(errno),
        }
    }

    /// How long connecting may take, in microseconds; 0: as long as it takes.
    pub(crate) fn patience_micros(&self) -> u64 {
        const SO_SNDTIMEO: usize = 21;
        let mut time = [0u64; 2];
        let mut len = size_of_val(&time) as u32;
        let place = time.as_mut_ptr();
        match syscall!(55, self.file.0, 1, SO_SNDTIMEO, place, &raw mut len) {
            Ok(_) => time[0].saturating_mul(1_000_000).saturating_add(time[1]),
            Err(_) => 0,
        }
    }

    /// Has calls that would wait fail instead, or not; whether they did before. All who
    /// share the socket share that.
    pub(crate) fn set_waiting(&self, waits: bool) -> Result<bool, Errno> {
        const F_GETFL: usize = 3;
        const F_SETFL: usize = 4;
        const O_NONBLOCK: usize = 0o4000;
        let flags = syscall!(72, self.file.0, F_GETFL)?;
        let wanted = if waits {
            flags & !O_NONBLOCK
        } else {
            flags | O_NONBLOCK
        };
        if wanted != flags {
            syscall!(72, self.file.0, F_SETFL, wanted)?;
        }
        Ok(flags & O_NONBLOCK == 0)
    }
}

impl Address {
    pub(crate) fn of(caller: &Caller, at: u64, len: u64) -> Result<Self, Errno> {
        // The kernel takes the length for one of 32 bits.
        let len = len as u32 as usize;
        let mut bytes = [0; ADDRESS_BYTES + 1];
        let place = bytes.get_mut(..len).filter(|_| len <= ADDRESS_BYTES);
        caller.read(at, place.ok_or(EINVAL)?)?;
        Ok(Self { bytes, len })
    }

    /// The address of a unix socket whose file is at a path.
    pub(crate) fn at(path: &CStr) -> Result<Self, Errno> {
        let mut bytes = [0; ADDRESS_BYTES + 1];
        bytes[0] = UNIX as u8;
        let path = path.to_bytes();
        let place = bytes.get_mut(NAME_AT..NAME_AT + path.len());
        place.ok_or(EINVAL)?.copy_from_slice(path);
        let len = NAME_AT + path.len() + 1;
        Ok(Self { bytes, len })
    }

    /// What it is for a unix socket; an error where it is for none.
    pub(crate) fn name(&self) -> Result<Name<'_>, Errno> {
        let [low, high, first, ..] = self.bytes;
        let family = i32::from(u16::from_le_bytes([low, high]));
        if family != UNIX || self.len < NAME_AT || self.len > UNIX_BYTES {
            return Err(EINVAL);
        }
        if self.len == NAME_AT || first == 0 {
            return Ok(Name::Abstract);
        }
        let name = self.bytes.get(NAME_AT..=self.len).unwrap_or_default();
        let path = CStr::from_bytes_until_nul(name).map_err(|_| EINVAL)?;
        Ok(Name::Path(path))
    }
}

/// An option of the level `SOL_SOCKET` that is a number.
fn option(file: &File, option: usize) -> Result<i32, Errno> {
    let mut value = 0i32;
    let mut len = size_of_val(&value) as u32;
    syscall!(55, file.0, 1, option, &raw mut value, &raw mut len).map(|_| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(family: u8, name: &[u8]) -> Address {
        let mut bytes = [0; ADDRESS_BYTES + 1];
        bytes[0] = family;
        bytes[NAME_AT..NAME_AT + name.len()].copy_from_slice(name);
        Address {
            bytes,
            len: NAME_AT + name.len(),
        }
    }

    /// A path, nothing for an abstract name, or an error.
    fn name(address: &Address) -> Result<Option<&[u8]>, Errno> {
        match address.name()? {
            Name::Path(path) => Ok(Some(path.to_bytes())),
            Name::Abstract => Ok(None),
        }
    }

    #[test]
    fn a_name_that_the_kernel_has_given_is_no_path() {
        use std::os::fd::AsRawFd;
        use std::os::unix::net::{UnixListener, UnixStream};

        let has_path = |number: i32| {
            // A duplicate: it is closed with the socket.
            let file = File(syscall!(32, number).unwrap() as i32);
            let kind = STREAM;
            Socket {
                file,
                family: UNIX,
                kind,
            }
            .has_path()
        };
        let [one, _other] = UnixStream::pair().map(<[_; 2]>::from).unwrap();
        assert_eq!(has_path(one.as_raw_fd()), Ok(false));
        let made = syscall!(41, UNIX, STREAM, 0).unwrap() as i32;
        let (yes, size) = (1i32, size_of::<i32>());
        const SO_PASSCRED: usize = 16;
        syscall!(54, made, 1, SO_PASSCRED, &raw const yes, size).unwrap();
        let nobody = b"\x01\0/dev/null\0";
        syscall!(42, made, nobody.as_ptr(), nobody.len()).unwrap_err();
        assert_eq!(has_path(made), Ok(false));
        crate::program::sys::close(made);
        let path = std::format!("/tmp/boll-init-{}-{}", std::process::id(), "x".repeat(70));
        let listener = UnixListener::bind(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(has_path(listener.as_raw_fd()), Ok(true));
    }

    #[test]
    fn a_name_is_read_as_the_kernel_reads_it() {
        assert_eq!(name(&address(1, b"/tmp/s")), Ok(Some(&b"/tmp/s"[..])));
        assert_eq!(name(&address(1, b"/tmp/s\0x")), Ok(Some(&b"/tmp/s"[..])));
        assert_eq!(name(&address(1, &[b'x'; 108])), Ok(Some(&[b'x'; 108][..])));
        assert_eq!(name(&address(1, b"\0abstract")), Ok(None));
        assert_eq!(name(&address(1, b"")), Ok(None));
        assert_eq!(name(&address(1, &[b'x'; 109])), Err(EINVAL));
        assert_eq!(name(&address(2, b"/tmp/s")), Err(EINVAL));
        let at = Address::at(c"/tmp/s").unwrap();
        assert_eq!(name(&at), Ok(Some(&b"/tmp/s"[..])));
    }
}
