//! Packages of npm that tests need, which `cargo xtask` installs as their lock file says.

use std::path::{Path, PathBuf};

use super::{UNPREPARED, root};

#[path = "../../host/xtask/src/npm.rs"]
mod lock;

/// Returns the folder below the target folder that has in `node_modules` what the lock
/// file in a folder of the project says.
pub(crate) fn installed(folder: &str) -> PathBuf {
    let from = root().join(folder);
    let name = from.file_name().expect("a name");
    let into = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    assert!(
        lock::is_installed(&from, &into),
        "{UNPREPARED}; the packages of {folder} are not in {}",
        into.display()
    );
    into
}
