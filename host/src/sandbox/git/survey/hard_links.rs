//! Other names of files that have to stay as they are: a mount covers a name, and
//! whoever writes the file by another one writes it as well.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use rustix::fs::AtFlags;

use super::{Surveyor, list};
use crate::sandbox::git::arrange::Kind;

impl Surveyor<'_> {
    /// Takes note of a file that has to stay as it is, if it has other names.
    pub(super) fn has_names(&mut self, file: &Path) {
        if let Ok(metadata) = fs::metadata(file)
            && metadata.is_file()
            && metadata.nlink() > 1
        {
            self.linked.insert((metadata.dev(), metadata.ino()));
        }
    }

    /// Whether there is such a file.
    pub(super) fn has_other_names(&self) -> bool {
        !self.linked.is_empty()
    }

    /// Keeps all names of such files as they are, in the folders that were looked
    /// into.
    pub(super) fn other_names(&mut self, workspace: BorrowedFd<'_>) {
        if self.linked.is_empty() {
            return;
        }
        if self.found.cut.is_some() {
            let because = "what git obeys has other names, and it has too many files to find them";
            self.found.whole = Some(because.into());
            return;
        }
        let inodes: BTreeSet<u64> = self.linked.iter().map(|(_, inode)| *inode).collect();
        let folders = Arc::clone(&self.found.folders);
        for folder in folders.keys() {
            if !self.goes_on() {
                return;
            }
            let Ok(listing) = list(workspace, folder) else {
                continue;
            };
            for entry in listing.flatten() {
                if inodes.contains(&entry.ino()) {
                    let name = OsStr::from_bytes(entry.file_name().to_bytes());
                    self.other_name(workspace, &folder.join(name));
                }
            }
        }
    }

    fn other_name(&mut self, workspace: BorrowedFd<'_>, path: &Path) {
        let stat = rustix::fs::statat(workspace, path, AtFlags::SYMLINK_NOFOLLOW);
        if stat.is_ok_and(|stat| self.linked.contains(&(stat.st_dev, stat.st_ino))) {
            self.mark(path.into(), Kind::ReadOnly);
        }
    }
}
