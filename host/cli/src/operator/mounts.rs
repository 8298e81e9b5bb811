//! The other names of a folder: if a part of a file system is mounted a second time, the
//! path does not tell what it exposes.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};

/// The mounts that this program sees.
pub(super) struct Mounts(Vec<Mount>);

struct Mount {
    /// The file system's device.
    device: String,
    /// The part of the file system that is mounted.
    root: PathBuf,
    /// The mount point.
    at: PathBuf,
}

impl Mounts {
    /// Returns the mounts of this process; none if the kernel does not list them.
    pub(super) fn read() -> Self {
        Self::parse(&fs::read("/proc/self/mountinfo").unwrap_or_default())
    }

    fn parse(text: &[u8]) -> Self {
        let lines = text.split(|byte| *byte == b'\n');
        Self(lines.filter_map(Mount::parse).collect())
    }

    /// Returns the names of the same file or folder in other mounts.
    pub(super) fn other_names(&self, path: &Path) -> Vec<PathBuf> {
        // Of several mounts at one place, only the last is visible.
        let over = self.0.iter().filter(|mount| path.starts_with(&mount.at));
        let Some(mount) = over.max_by_key(|mount| mount.at.components().count()) else {
            return Vec::new();
        };
        let Some(inside) = moved(path, &mount.at, &mount.root) else {
            return Vec::new();
        };
        let same = self.0.iter().filter(|one| one.device == mount.device);
        same.filter_map(|one| moved(&inside, &one.root, &one.at))
            .filter(|name| name != path)
            .collect()
    }

    /// Returns the mount points below a folder.
    pub(super) fn below<'a>(&'a self, folder: &'a Path) -> impl Iterator<Item = &'a Path> {
        let places = self.0.iter().map(|mount| mount.at.as_path());
        places.filter(move |at| *at != folder && at.starts_with(folder))
    }
}

/// Moves a path from below `from` to below `to`.
fn moved(path: &Path, from: &Path, to: &Path) -> Option<PathBuf> {
    let rest = path.strip_prefix(from).ok()?;
    Some(if rest.as_os_str().is_empty() {
        to.to_owned()
    } else {
        to.join(rest)
    })
}

impl Mount {
    /// Parses a line: `ID PARENT DEVICE ROOT AT OPTIONS ...`.
    fn parse(line: &[u8]) -> Option<Self> {
        let mut fields = line.split(|byte| *byte == b' ').skip(2);
        Some(Self {
            device: String::from_utf8_lossy(fields.next()?).into_owned(),
            root: path(fields.next()?),
            at: path(fields.next()?),
        })
    }
}

/// Decodes a path in which spaces and the like are written as octal numbers.
fn path(field: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, after)) = rest.split_first() {
        let octal = (*first == b'\\')
            .then(|| after.get(..3))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match octal {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[3..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    OsString::from_vec(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"\
21 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
22 21 8:1 /root /srv/x rw - ext4 /dev/sda1 rw\n\
23 21 8:2 /@home /home rw - btrfs /dev/sdb rw\n\
24 21 8:2 / /mnt/all\\040of rw - btrfs /dev/sdb rw\n\
25 21 0:5 / /proc rw - proc proc rw\n";

    fn names(path: &str) -> Vec<PathBuf> {
        Mounts::parse(TEXT).other_names(Path::new(path))
    }

    #[test]
    fn what_is_mounted_twice_has_two_names() {
        assert_eq!(names("/srv/x/.ssh"), [Path::new("/root/.ssh")]);
        assert_eq!(names("/srv/x"), [Path::new("/root")]);
        assert_eq!(names("/root/y"), [Path::new("/srv/x/y")]);
        assert_eq!(names("/mnt/all of/@home/ann"), [Path::new("/home/ann")]);
        assert_eq!(names("/home/ann"), [Path::new("/mnt/all of/@home/ann")]);
        assert!(names("/srv/y").is_empty());
        assert!(names("/proc/1").is_empty());
    }

    #[test]
    fn what_is_mounted_below_is_found() {
        let mounts = Mounts::parse(TEXT);
        let below: Vec<&Path> = mounts.below(Path::new("/srv")).collect();
        assert_eq!(below, [Path::new("/srv/x")]);
        assert_eq!(mounts.below(Path::new("/srv/x")).count(), 0);
    }
}
