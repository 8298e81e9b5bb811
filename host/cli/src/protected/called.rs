//! Files that a build file names without saying where they are: after a `cd`, or after a
//! variable.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// How many comparisons cost as much as one look at a file.
pub(super) const CHEAP: usize = 32;

/// The most entries of a folder that are stored.
const ENTRIES: usize = 2000;

/// Files by their names, and the names that build files call.
#[derive(Default)]
pub(super) struct Called {
    names: HashSet<OsString>,
    /// Files that were not called yet, each with the folder that it is built with.
    files: HashMap<OsString, Vec<(PathBuf, PathBuf)>>,
}

impl Called {
    /// Calls a name. Returns the files of that name that were not called before.
    pub(super) fn call(&mut self, name: &OsStr) -> Vec<(PathBuf, PathBuf)> {
        self.names.insert(name.to_owned());
        self.files.remove(name).unwrap_or_default()
    }

    /// Adds a file. Returns whether its name was called already.
    pub(super) fn offer(&mut self, path: &Path, root: &Path) -> bool {
        let name = path.file_name().unwrap_or_default();
        if self.names.contains(name) {
            return true;
        }
        let files = self.files.entry(name.to_owned()).or_default();
        files.push((path.to_owned(), root.to_owned()));
        false
    }
}

/// The names in a folder, unless there are many.
pub(super) struct Listed(Option<HashSet<OsString>>);

impl Listed {
    pub(super) fn of(folder: &Path) -> Self {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let names: HashSet<OsString> = entries
            .take(ENTRIES + 1)
            .map(|entry| entry.file_name())
            .collect();
        Self((names.len() <= ENTRIES).then_some(names))
    }

    pub(super) fn len(&self) -> usize {
        self.0.as_ref().map_or(ENTRIES, HashSet::len)
    }

    /// Returns the names, unless there are many.
    pub(super) fn names(&self) -> Option<&HashSet<OsString>> {
        self.0.as_ref()
    }

    /// Returns whether a name may be in the folder.
    pub(super) fn may_have(&self, name: &OsStr) -> bool {
        self.0.as_ref().is_none_or(|names| names.contains(name))
    }
}

/// Returns whether a file names its interpreter and may be executed.
pub(super) fn is_script(path: &Path) -> bool {
    let executable = fs::symlink_metadata(path).is_ok_and(|data| data.mode() & 0o111 != 0);
    let open = || {
        let mut options = File::options();
        options.read(true).custom_flags(libc::O_NONBLOCK).open(path)
    };
    let mut begin = [0; 2];
    executable
        && open().is_ok_and(|mut file| file.read_exact(&mut begin).is_ok() && begin == *b"#!")
}
