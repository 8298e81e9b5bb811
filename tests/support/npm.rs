//! Packages of npm that tests need, which `cargo xtask` installs as their lock file says.

use std::fs;
use std::path::{Path, PathBuf};

use super::{UNPREPARED, root};

/// What says which packages there have to be.
const PACKAGE: [&str; 2] = ["package.json", "package-lock.json"];

/// Returns the folder below the target folder that has in `node_modules` what the lock
/// file in a folder of the project says.
pub(crate) fn installed(folder: &str) -> PathBuf {
    let from = root().join(folder);
    let name = from.file_name().expect("a name");
    let into = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let read = |folder: &Path| PACKAGE.map(|name| fs::read(folder.join(name)).ok());
    // npm writes its hidden lock file last.
    let whole = into.join("node_modules/.package-lock.json").is_file();
    assert!(
        whole && read(&into) == read(&from),
        "{UNPREPARED}; the packages of {folder} are not in {}",
        into.display()
    );
    into
}
