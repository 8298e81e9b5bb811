//! Paths below `/proc`, and the numbers in them, as text.

use core::ffi::CStr;

use super::sys::{self, Errno};

/// A number in decimal digits.
pub(crate) struct Digits {
    bytes: [u8; 10],
    first: usize,
}

impl Digits {
    pub(crate) fn of(number: u32) -> Self {
        let mut bytes = [0u8; 10];
        let mut first = bytes.len();
        let mut rest = number;
        while first == bytes.len() || rest != 0 {
            first -= 1;
            bytes[first] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        Self { bytes, first }
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[self.first..]
    }
}

/// A path below `/proc`, as text that ends with a NUL.
pub(crate) struct Path {
    bytes: [u8; 64],
    len: usize,
}

impl Path {
    pub(crate) fn new(start: &[u8]) -> Self {
        let mut path = Self {
            bytes: [0; 64],
            len: 0,
        };
        path.push(start);
        path
    }

    pub(crate) fn process(id: u32) -> Self {
        let mut path = Self::new(b"/proc/");
        path.push_number(id);
        path
    }

    /// The parts are short: three numbers at most, which always fit.
    pub(crate) fn push(&mut self, part: &[u8]) {
        // The last byte stays the NUL.
        let room = self.bytes.len() - 1;
        for byte in part {
            if self.len < room {
                self.bytes[self.len] = *byte;
                self.len += 1;
            }
        }
    }

    pub(crate) fn push_number(&mut self, number: u32) {
        self.push(Digits::of(number).as_bytes());
    }

    pub(crate) fn as_text(&self) -> Result<&CStr, Errno> {
        CStr::from_bytes_until_nul(&self.bytes).map_err(|_| sys::EPROTO)
    }

    pub(crate) fn open(&self, flags: i32) -> Result<i32, Errno> {
        sys::open(self.as_text()?, flags)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_path_fits() {
        let mut path = Path::process(u32::MAX);
        path.push(b"/task/");
        path.push_number(u32::MAX);
        path.push(b"/children\0");
        let expected = b"/proc/4294967295/task/4294967295/children\0";
        assert!(path.bytes.starts_with(expected));
    }
}
