//! Reads the order: what to execute, and with which limits.

use core::ffi::CStr;

use crate::sys::{self, EPROTO, Errno};
use crate::wire;

/// One limit of the kernel's.
pub(crate) struct Limit {
    pub(crate) resource: u32,
    pub(crate) soft: u64,
    pub(crate) hard: u64,
}

/// What the host wants to have executed.
pub(crate) struct Order {
    pub(crate) directory: &'static CStr,
    pub(crate) program: &'static CStr,
    /// Pointers to the arguments, and a zero.
    pub(crate) args: &'static [usize],
    /// Pointers to the variables, and a zero.
    pub(crate) env: &'static [usize],
    pub(crate) filter: &'static [u8],
    limits: &'static [u8],
}

impl Order {
    pub(crate) fn read(fd: i32) -> Result<Self, Errno> {
        let bytes = sys::map_file(fd, sys::size(fd)?)?;
        let mut reader = Reader { rest: bytes };
        let [magic, args, env, limits, instructions, total] = reader.header().ok_or(EPROTO)?;
        if magic != wire::MAGIC || total as usize != bytes.len() {
            return Err(EPROTO);
        }
        let limits = reader
            .take(limits as usize * wire::RLIMIT_BYTES)
            .ok_or(EPROTO)?;
        let filter = reader
            .take(instructions as usize * wire::INSTRUCTION_BYTES)
            .ok_or(EPROTO)?;
        Ok(Self {
            limits,
            filter,
            directory: reader.string().ok_or(EPROTO)?,
            program: reader.string().ok_or(EPROTO)?,
            args: reader.strings(args as usize)?,
            env: reader.strings(env as usize)?,
        })
    }

    pub(crate) fn limits(&self) -> impl Iterator<Item = Limit> {
        self.limits
            .chunks_exact(wire::RLIMIT_BYTES)
            .filter_map(|entry| {
                let (resource, rest) = entry.split_first_chunk::<8>()?;
                let (soft, hard) = rest.split_first_chunk::<8>()?;
                Some(Limit {
                    resource: u64::from_le_bytes(*resource) as u32,
                    soft: u64::from_le_bytes(*soft),
                    hard: u64::from_le_bytes(*hard.first_chunk::<8>()?),
                })
            })
    }

    pub(crate) fn instructions(&self) -> u16 {
        (self.filter.len() / wire::INSTRUCTION_BYTES) as u16
    }
}

struct Reader {
    rest: &'static [u8],
}

impl Reader {
    fn header(&mut self) -> Option<[u32; wire::HEADER_WORDS]> {
        let mut words = [0; wire::HEADER_WORDS];
        for word in &mut words {
            *word = u32::from_le_bytes(*self.take(4)?.first_chunk::<4>()?);
        }
        Some(words)
    }

    fn take(&mut self, len: usize) -> Option<&'static [u8]> {
        let (taken, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(taken)
    }

    fn string(&mut self) -> Option<&'static CStr> {
        let text = CStr::from_bytes_until_nul(self.rest).ok()?;
        self.take(text.count_bytes() + 1)?;
        Some(text)
    }

    fn strings(&mut self, count: usize) -> Result<&'static [usize], Errno> {
        let list = sys::pointers(count + 1)?;
        for slot in list.iter_mut().take(count) {
            *slot = self.string().ok_or(EPROTO)?.as_ptr() as usize;
        }
        Ok(list)
    }
}
