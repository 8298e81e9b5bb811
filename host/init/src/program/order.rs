//! Reads the order: what to execute, and with which limits.

use core::ffi::CStr;

use super::sys::{self, EPROTO, Errno};
use crate::wire;

/// One limit of the kernel's.
pub(crate) struct Limit {
    pub(crate) resource: u32,
    pub(crate) soft: u64,
    pub(crate) hard: u64,
}

/// What a file, or all that is beneath a directory, may be used for.
pub(crate) struct Rule {
    pub(crate) path: &'static CStr,
    /// In Landlock's bits.
    pub(crate) rights: u64,
    /// The path may be missing.
    pub(crate) optional: bool,
    /// The device and the number of the file that has to be there.
    pub(crate) identity: Option<[u64; 2]>,
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
    /// Of `wire::JUDGED_DIRECTORY` and `wire::JUDGED_PROGRAM`.
    pub(crate) judged: u32,
    limits: &'static [u8],
    ruleset: &'static [u8],
    rules: &'static [u8],
    paths: &'static [usize],
}

impl Order {
    pub(crate) fn read(fd: i32) -> Result<Self, Errno> {
        let bytes = sys::map_file(fd, sys::size(fd)?)?;
        let mut reader = Reader { rest: bytes };
        let [magic, args, env, limits, instructions, rules, judged, total] =
            reader.header().ok_or(EPROTO)?;
        if magic != wire::MAGIC || total as usize != bytes.len() {
            return Err(EPROTO);
        }
        let limits = reader
            .take(limits as usize * wire::RLIMIT_BYTES)
            .ok_or(EPROTO)?;
        let filter = reader
            .take(instructions as usize * wire::INSTRUCTION_BYTES)
            .ok_or(EPROTO)?;
        let about = if rules == 0 { 0 } else { wire::RULESET_BYTES };
        let ruleset = reader.take(about).ok_or(EPROTO)?;
        let rule_bytes = rules as usize * wire::RULE_BYTES;
        Ok(Self {
            judged,
            limits,
            filter,
            ruleset,
            rules: reader.take(rule_bytes).ok_or(EPROTO)?,
            directory: reader.string().ok_or(EPROTO)?,
            program: reader.string().ok_or(EPROTO)?,
            args: reader.strings(args as usize)?,
            env: reader.strings(env as usize)?,
            paths: reader.strings(rules as usize)?,
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

    /// What the rules are about; an error when there are none.
    pub(crate) fn ruleset(&self) -> Result<[u64; 3], Errno> {
        let mut words = self.ruleset.chunks_exact(8).filter_map(word);
        let mut next = || words.next().ok_or(EPROTO);
        Ok([next()?, next()?, next()?])
    }

    pub(crate) fn rules(&self) -> impl Iterator<Item = Rule> {
        let rules = self.rules.chunks_exact(wire::RULE_BYTES).zip(self.paths);
        rules.filter_map(|(rule, path)| {
            let mut words = rule.chunks_exact(8).filter_map(word);
            let (rights, flags) = (words.next()?, words.next()?);
            let identity = [words.next()?, words.next()?];
            Some(Rule {
                // SAFETY: it was made from a string of the order, which stays.
                path: unsafe { CStr::from_ptr(*path as *const i8) },
                rights,
                optional: flags & wire::RULE_OPTIONAL != 0,
                identity: (flags & wire::RULE_COMPARED != 0).then_some(identity),
            })
        })
    }

    /// The directories that things may be made in.
    pub(crate) fn writable(&self) -> impl Iterator<Item = &'static CStr> {
        const MAKE_DIRECTORY: u64 = 1 << 7;
        let writable = self
            .rules()
            .filter(|rule| rule.rights & MAKE_DIRECTORY != 0);
        writable.map(|rule| rule.path)
    }
}

fn word(bytes: &[u8]) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.first_chunk::<8>()?))
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
