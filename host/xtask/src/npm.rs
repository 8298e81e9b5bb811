//! Whether packages of npm are installed as a lock file says. The tests compile this file, too, and
//! so it needs nothing.

use std::fs;
use std::path::Path;

/// What says which packages there have to be.
pub(crate) const LOCKED: [&str; 2] = ["package.json", "package-lock.json"];

/// Returns whether a folder has the packages of another one's lock file.
pub(crate) fn is_installed(from: &Path, into: &Path) -> bool {
    let read = |folder: &Path| LOCKED.map(|name| fs::read(folder.join(name)).ok());
    // npm writes its hidden lock file last.
    into.join("node_modules/.package-lock.json").is_file() && read(into) == read(from)
}
