//! Landlock for the tree's own use. A process that restricts itself relies on it, and what the
//! supervisor does in its stead is not under its rules. So it gets no rights that would not
//! hold, as on a kernel that is older than these rights: none on the network and no scopes
//! (ABI 4 and later). Where the supervisor makes the files of sockets, too, it gets none at all.

use super::caller::Caller;
use super::file::File;
use super::notify::{Listener, Request};
use crate::program::sys::{E2BIG, EINVAL, EOPNOTSUPP, Errno, syscall};

pub(crate) const CREATE_RULESET: i32 = 444;

/// The newest version that is only about files.
const ABI: usize = 3;
/// All rights on files of that version.
const FILE_RIGHTS: u64 = (1 << 15) - 1;
/// The flag that asks for the version.
const VERSION: u32 = 1;
/// The most bytes that the kernel takes.
const BYTES_MAX: usize = 4096;
/// Of these, those with the rights on files.
const FILE_RIGHTS_BYTES: usize = size_of::<u64>();

/// What a call asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ruleset {
    Version,
    /// Rules about these rights on files.
    Files(u64),
}

impl Ruleset {
    pub(crate) fn of(
        caller: &Caller,
        request: &Request,
        has_own_network: bool,
    ) -> Result<Self, Errno> {
        if !has_own_network {
            return Err(EOPNOTSUPP);
        }
        let [at, size, flags, ..] = request.args;
        match flags as u32 {
            0 => {}
            VERSION if at == 0 && size == 0 => return Ok(Self::Version),
            _ => return Err(EINVAL),
        }
        let mut bytes = [0; BYTES_MAX];
        let bytes = bytes.get_mut(..size as usize).ok_or(E2BIG)?;
        if bytes.len() < FILE_RIGHTS_BYTES {
            return Err(EINVAL);
        }
        caller.read(at, bytes)?;
        Self::about(bytes)
    }

    fn about(bytes: &[u8]) -> Result<Self, Errno> {
        let (rights, newer) = bytes.split_first_chunk().ok_or(EINVAL)?;
        if newer.iter().any(|byte| *byte != 0) {
            return Err(E2BIG);
        }
        match u64::from_le_bytes(*rights) {
            rights if rights & !FILE_RIGHTS != 0 => Err(EINVAL),
            rights => Ok(Self::Files(rights)),
        }
    }

    /// Makes it, and answers.
    pub(crate) fn make(self, listener: Listener, id: u64) {
        let made = match self {
            Self::Version => {
                let version = syscall!(444, 0, 0, VERSION);
                return listener.answer_number(id, version.map(|version| version.min(ABI)));
            }
            Self::Files(rights) => syscall!(444, &raw const rights, FILE_RIGHTS_BYTES, 0),
        };
        let given = made.and_then(|fd| listener.give(id, &File(fd as i32)));
        if let Err(errno) = given {
            listener.answer(id, Err(errno));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ruleset_is_about_files_only() {
        let about = |words: &[u64]| {
            let bytes: std::vec::Vec<u8> =
                words.iter().flat_map(|word| word.to_le_bytes()).collect();
            Ruleset::about(&bytes)
        };
        assert_eq!(about(&[0x7fff]), Ok(Ruleset::Files(0x7fff)));
        assert_eq!(about(&[1, 0, 0, 0]), Ok(Ruleset::Files(1)));
        for newer in [[1, 1, 0], [1, 0, 1], [0, 3, 0]] {
            assert_eq!(about(&newer), Err(E2BIG));
        }
        for later in [1 << 15, 1 << 16, 1 << 63] {
            assert_eq!(about(&[later | 1]), Err(EINVAL));
        }
        assert_eq!(Ruleset::about(&[0; 7]), Err(EINVAL));
    }
}
