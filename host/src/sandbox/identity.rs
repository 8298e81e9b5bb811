//! Which file something is, whatever it is called.

use std::os::fd::OwnedFd;

/// The device and the number of a file, which no other file has while that one
/// is open.
pub(super) type Identity = (u64, u64);

pub(super) fn identity(file: &OwnedFd) -> rustix::io::Result<Identity> {
    let stat = rustix::fs::fstat(file)?;
    Ok((stat.st_dev, stat.st_ino))
}
