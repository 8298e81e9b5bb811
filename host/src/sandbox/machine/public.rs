//! Which files of a folder are meant to be read by everybody.

use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// What nobody reads: a word to whoever looks there, and what was before.
pub(super) fn is_left_over(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    let ends = [
        &b"~"[..],
        b".old",
        b".dpkg-old",
        b".dpkg-dist",
        b".rpmnew",
        b".rpmsave",
    ];
    name.starts_with(b"README") || ends.iter().any(|end| name.ends_with(end))
}

/// Whether everybody may enter the folders that something lies in.
pub(super) fn is_reached(real: &Path) -> bool {
    const ENTERED: u32 = 0o001;
    let is_entered = |path: &Path| fs::metadata(path).is_ok_and(|it| it.mode() & ENTERED != 0);
    real.ancestors().skip(1).all(is_entered)
}

/// A regular file that everybody may read.
pub(super) fn is_public(metadata: &Metadata) -> bool {
    const READ: u32 = 0o004;
    metadata.is_file() && metadata.mode() & READ != 0
}

/// Whether a name begins and ends like this. What is hidden is not meant.
pub(super) fn fits(name: &OsStr, before: &str, after: &str) -> bool {
    let name = name.as_encoded_bytes();
    name.len() >= before.len() + after.len()
        && name.starts_with(before.as_bytes())
        && name.ends_with(after.as_bytes())
        && !name.starts_with(b".")
}
