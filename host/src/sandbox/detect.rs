//! Finds out which directories and files the machine has beside `/usr`.

use std::fs;
use std::path::Path;

use super::system::SystemDirectory;

/// What systems have beside `/usr`, as links or directories.
const BESIDE_USR: [&str; 5] = ["/bin", "/sbin", "/lib", "/lib64", "/lib32"];

/// Files of the kernel's that no program needs, and that tell of the host: how it was
/// started, and the keys of its user. Each costs every sandbox a mount. What else
/// tells of the host there is either kept from whoever is not root or says nothing
/// of what it runs.
const UNREADABLE: [&str; 3] = ["/proc/cmdline", "/proc/keys", "/proc/key-users"];

/// The directories beside `/usr`, as they are here, and what is not to be read.
pub(super) fn system_directories() -> Vec<SystemDirectory> {
    let unreadable = UNREADABLE.iter().map(Path::new);
    let unreadable = unreadable.filter(|path| path.exists());
    BESIDE_USR
        .iter()
        .map(Path::new)
        .filter_map(|path| {
            let metadata = fs::symlink_metadata(path).ok()?;
            if metadata.is_symlink() {
                let target = fs::read_link(path).ok()?;
                Some(SystemDirectory::Link {
                    path: path.into(),
                    target,
                })
            } else {
                metadata
                    .is_dir()
                    .then(|| SystemDirectory::Directory(path.into()))
            }
        })
        .chain(unreadable.map(|path| SystemDirectory::Unreadable(path.into())))
        .collect()
}
