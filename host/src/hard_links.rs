//! Other names of files that the host trusts: a process that may write in the folder of
//! such a name can write the file, and no mount or mode of the file's own folder prevents
//! that.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::policy::is_of_system;

/// Returns whether a file that is to be trusted has another name, a hard link, which may
/// be in a folder that capsules or other users can write. `metadata` has to come from the
/// opened file.
///
/// System files do not count: package stores share their files by hard links, and nobody
/// is granted write access to system folders.
#[must_use]
pub fn has_other_names(path: &Path, metadata: &Metadata) -> bool {
    let of_system = || path.canonicalize().is_ok_and(|real| is_of_system(&real));
    metadata.nlink() > 1 && !of_system()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_has_other_names_as_long_as_there_is_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, other) = (folder.path().join("file"), folder.path().join("other"));
        let has = || has_other_names(&path, &path.metadata().expect("a file"));
        fs::write(&path, "").expect("written");
        assert!(!has());
        fs::hard_link(&path, &other).expect("a link");
        assert!(has());
        fs::remove_file(&other).expect("removed");
        assert!(!has());
    }
}
