//! The parts of the machine's files that one sandbox shows, and what is open to copy them.

use std::io;
use std::ops::RangeFrom;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{FileType, Mode, OFlags};

use super::plan::{Part, PartKind};
use crate::policy::NetworkAccess;
use crate::sandbox::cgroup::MemoryGroup;
use crate::sandbox::machine::{self, COPIED_MAX, Listing, What};
use crate::sandbox::memory_file;

/// Files that are copied, each with the number that it is open under.
pub(super) type Contents = Vec<(OwnedFd, i32)>;

/// Returns the parts, those that are made up among them, and what is copied for them, each
/// with its number. What cannot be copied any more is left out: what is there now is found
/// for the next sandbox.
pub(super) fn find(
    listing: &Listing,
    network: NetworkAccess,
    mut numbers: RangeFrom<i32>,
) -> io::Result<(Vec<Part>, Contents)> {
    let mut contents = Contents::new();
    let mut copy = |file: OwnedFd| {
        let number = numbers.next().unwrap_or(i32::MAX);
        contents.push((file, number));
        PartKind::Copy(number)
    };
    let mut parts = Vec::new();
    for piece in &listing.pieces {
        let what = match &piece.what {
            What::Link(target) => PartKind::Link(target.clone()),
            What::Mount => PartKind::Mount(piece.at.clone()),
            What::Copy => match open_to_copy(&piece.at) {
                Some(file) => copy(file),
                None => continue,
            },
        };
        let at = piece.at.clone();
        parts.push(Part { at, what });
    }
    for (at, bytes) in machine::made(network)? {
        let what = copy(memory_file::sealed("boll-made", &bytes)?);
        let at = at.into();
        parts.push(Part { at, what });
    }
    Ok((parts, contents))
}

/// The group with the limit on memory, read-only.
pub(super) fn of_group(group: MemoryGroup) -> impl Iterator<Item = Part> {
    let MemoryGroup {
        host,
        inside,
        sought,
    } = group;
    let sought = sought.map(|at| Part {
        at,
        what: PartKind::Link(inside.to_owned()),
    });
    let mounted = Part {
        at: inside.to_owned(),
        what: PartKind::Mount(host),
    };
    [mounted].into_iter().chain(sought)
}

/// A file that is small and that everybody may read, to be copied.
fn open_to_copy(path: &Path) -> Option<OwnedFd> {
    // Whatever is there, opening it waits for nobody.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = rustix::fs::open(path, flags, Mode::empty()).ok()?;
    let stat = rustix::fs::fstat(&file).ok()?;
    let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
    let is_public = Mode::from_raw_mode(stat.st_mode).contains(Mode::ROTH);
    let is_small = u64::try_from(stat.st_size).is_ok_and(|bytes| bytes <= COPIED_MAX);
    (is_file && is_public && is_small).then_some(file)
}
