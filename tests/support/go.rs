//! Go, for the capsules that are built with it.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::UNPREPARED;
use super::environment::TestEnvironment;

/// The search path on which Go is found: what `cargo xtask` has fetched below the
/// target folder where this machine has none.
pub(crate) fn path() -> OsString {
    static PATH: OnceLock<OsString> = OnceLock::new();
    PATH.get_or_init(find).clone()
}

fn find() -> OsString {
    let path = env::var_os("PATH").expect("PATH");
    let doctor = ["doctor", "--lang", "go", "--output", "json"];
    let found = TestEnvironment::new().boll(&doctor).json();
    let mut findings = found.as_array().expect("findings").iter();
    if findings.any(|finding| finding["name"] == "go" && finding["status"] == "ok") {
        return path;
    }
    let bin = Path::new(env!("CARGO_TARGET_TMPDIR")).join("go/bin");
    assert!(
        bin.join("go").is_file(),
        "{UNPREPARED}; `boll doctor` says:\n{found:#}"
    );
    env::join_paths([bin].into_iter().chain(env::split_paths(&path))).expect("a search path")
}

/// Where Go keeps what it has compiled: the standard library takes some seconds.
pub(crate) fn cache() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("go-build")
}
