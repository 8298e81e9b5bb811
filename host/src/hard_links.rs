//! Other names of files that are believed: whoever may write where one of them lies
//! writes the file, and no mount or mode of its folder keeps that off.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::policy::is_of_system;

/// Whether a file that is to be believed has another name, a hard link, which may lie
/// where capsules or other users write. `metadata` is of the file that was opened.
///
/// Files of the system do not count: stores of packages share theirs by hard links, and
/// nobody is given the system's folders for writing.
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
