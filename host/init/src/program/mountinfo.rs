//! The mounts that are a sandbox's own, by the kernel's list of all mounts.

use core::ffi::CStr;

use super::sys::{self, EPROTO, Errno};

/// The most that are the sandbox's own.
pub(crate) const OWN_MAX: usize = 8;
/// More than the list of any sandbox takes. What is longer is not judged.
const LIST_BYTES: usize = 4 << 20;

/// The mounts that are a sandbox's own: memory that only it has.
#[derive(Clone, Copy, Default)]
pub(crate) struct OwnMounts {
    numbers: [u64; OWN_MAX],
    paths: [Option<&'static CStr>; OWN_MAX],
    count: usize,
}

impl OwnMounts {
    /// Finds which of these directories are such mounts.
    pub(crate) fn find(candidates: &[&'static CStr]) -> Result<Self, Errno> {
        const O_CLOEXEC: i32 = 0o2_000_000;
        let file = sys::open(c"/proc/self/mountinfo", O_CLOEXEC)?;
        let place = sys::bytes(LIST_BYTES)?;
        let mut len = 0;
        let read = loop {
            match sys::read(file, place.get_mut(len..).unwrap_or_default()) {
                Ok(0) => break Ok(()),
                Ok(count) => len += count,
                Err(errno) => break Err(errno),
            }
        };
        sys::close(file);
        read?;
        let list = place.get(..len).filter(|list| list.len() < LIST_BYTES);
        Self::among(list.ok_or(EPROTO)?, candidates)
    }

    fn among(list: &[u8], candidates: &[&'static CStr]) -> Result<Self, Errno> {
        let mut own = Self::default();
        for path in candidates {
            let Some(number) = own_mount(list, path.to_bytes(), candidates)? else {
                continue;
            };
            let places = own
                .numbers
                .get_mut(own.count)
                .zip(own.paths.get_mut(own.count));
            let (place, text) = places.ok_or(EPROTO)?;
            *place = number;
            *text = Some(path);
            own.count += 1;
        }
        Ok(own)
    }

    /// Whether the mount with this number is one of them.
    pub(crate) fn holds(&self, number: u64) -> bool {
        self.numbers
            .iter()
            .take(self.count)
            .any(|own| *own == number)
    }

    /// Where they are.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &'static CStr> {
        self.paths.iter().flatten().copied()
    }
}

/// A line of the list.
struct Mount<'a> {
    number: u64,
    device: &'a [u8],
    /// Which directory of its file system it shows.
    root: &'a [u8],
    at: &'a [u8],
    options: &'a [u8],
    kind: &'a [u8],
}

impl<'a> Mount<'a> {
    fn parse(line: &'a [u8]) -> Option<Self> {
        let mut fields = line.split(|byte| *byte == b' ');
        let number = core::str::from_utf8(fields.next()?).ok()?.parse().ok()?;
        let device = fields.nth(1)?;
        let (root, at, options) = (fields.next()?, fields.next()?, fields.next()?);
        // Any number of optional fields, and what ends them.
        fields.find(|field| *field == b"-")?;
        Some(Self {
            number,
            device,
            root,
            at,
            options,
            kind: fields.next()?,
        })
    }

    fn is_writable(&self) -> bool {
        self.options.split(|byte| *byte == b',').next() == Some(b"rw")
    }
}

/// The number of the mount at a path, if that is a file system in memory, mounted
/// nowhere else, and nothing that is not such can be written beneath it.
fn own_mount(list: &[u8], path: &[u8], candidates: &[&'static CStr]) -> Result<Option<u64>, Errno> {
    let mounts = || {
        let lines = list.split(|byte| *byte == b'\n');
        lines
            .filter(|line| !line.is_empty())
            .map(|line| Mount::parse(line).ok_or(EPROTO))
    };
    let is_candidate = |at: &[u8]| candidates.iter().any(|one| one.to_bytes() == at);
    let mut found = None;
    for mount in mounts() {
        let mount = mount?;
        // The last one at a path is what it leads to.
        if mount.at == path {
            found = Some(mount);
        }
    }
    let Some(own) = found else { return Ok(None) };
    if own.kind != b"tmpfs" || own.root != b"/" || !own.is_writable() {
        return Ok(None);
    }
    for mount in mounts() {
        let mount = mount?;
        let rest = mount.at.strip_prefix(path);
        let is_beneath = rest.is_some_and(|rest| rest.starts_with(b"/"));
        if is_candidate(mount.at) {
            continue;
        }
        if mount.device == own.device || is_beneath && mount.is_writable() {
            return Ok(None);
        }
    }
    Ok(Some(own.number))
}

#[cfg(test)]
mod tests {
    use std::string::String;
    use std::vec::Vec;

    use super::*;

    const ALL: [&CStr; 3] = [c"/tmp", c"/dev/shm", c"/home/capsule"];

    /// Which of them are the sandbox's own where these further mounts are.
    fn own(further: &[&str]) -> Vec<u64> {
        let usual = [
            "10 9 0:30 /newroot / ro,nosuid - tmpfs tmpfs rw",
            "11 10 254:0 /usr /usr ro - ext4 /dev/vda rw",
            "12 10 0:31 / /tmp rw,nosuid,nodev master:1 propagate_from:2 - tmpfs tmpfs rw",
            "13 10 0:32 / /dev/shm rw - tmpfs tmpfs rw",
            "14 10 254:0 /w /workspace rw - ext4 /dev/vda rw",
        ];
        let lines: Vec<&str> = usual.iter().chain(further).copied().collect();
        let mut list: String = lines.join("\n");
        list.push('\n');
        let own = OwnMounts::among(list.as_bytes(), &ALL).unwrap();
        [11, 12, 13, 14, 15, 16]
            .into_iter()
            .filter(|number| own.holds(*number))
            .collect()
    }

    #[test]
    fn memory_that_only_the_sandbox_has_is_its_own() {
        assert_eq!(own(&[]), [12, 13]);
        assert_eq!(
            own(&["15 10 0:33 / /home/capsule rw - tmpfs tmpfs rw"]),
            [12, 13, 15]
        );
        assert_eq!(
            own(&["15 12 254:0 /f /tmp/f ro - ext4 /dev/vda rw"]),
            [12, 13]
        );
    }

    #[test]
    fn what_is_shared_with_the_host_is_not() {
        for further in [
            // Over it, or beneath it for writing.
            "15 10 254:0 /tmp /tmp rw - ext4 /dev/vda rw",
            "15 10 0:40 / /tmp ro - tmpfs tmpfs rw",
            "15 10 0:40 /some /tmp rw - tmpfs tmpfs rw",
            "15 12 254:0 /w /tmp/w rw,relatime - ext4 /dev/vda rw",
            // The same memory elsewhere.
            "15 10 0:31 / /elsewhere ro - tmpfs tmpfs rw",
        ] {
            assert_eq!(own(&[further]), [13], "{further}");
        }
    }

    #[test]
    fn a_list_that_is_not_understood_is_an_error() {
        for wrong in ["x", "1 2 3", "1 2 0:3 / /tmp rw tmpfs"] {
            assert!(OwnMounts::among(wrong.as_bytes(), &ALL).is_err(), "{wrong}");
        }
    }
}
