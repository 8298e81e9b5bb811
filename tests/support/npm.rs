//! Packages of npm that tests need, installed once as their lock file says.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::environment::{Run, TestEnvironment};
use super::root;

/// What says which packages there have to be.
const PACKAGE: [&str; 2] = ["package.json", "package-lock.json"];

/// Installs what the lock file in a folder of the project says below the target
/// folder, unless it is there. Gives the folder with `node_modules`.
pub(crate) fn installed(folder: &str) -> PathBuf {
    let from = root().join(folder);
    let name = from.file_name().expect("a name");
    let into = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&into).expect("a folder");
    // Several tests need them at the same time.
    let alone = File::open(&into).expect("the folder");
    alone.lock().expect("a lock");
    let read = |folder: &Path| PACKAGE.map(|name| fs::read(folder.join(name)).ok());
    // npm writes its hidden lock file last.
    let whole = into.join("node_modules/.package-lock.json").is_file();
    if whole && read(&into) == read(&from) {
        return into;
    }
    for name in PACKAGE {
        fs::copy(from.join(name), into.join(name)).expect("copied");
    }
    let mut npm = TestEnvironment::new().at(&into).command("npm");
    npm.args(["ci", "--no-audit", "--no-fund"]);
    Run::of(npm.output().expect("npm starts")).ends(0);
    into
}
