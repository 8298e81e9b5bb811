//! Go, for the capsules that are built with it.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
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
    if is_new_enough() {
        return path;
    }
    let bin = Path::new(env!("CARGO_TARGET_TMPDIR")).join("go/bin");
    if !bin.join("go").is_file() {
        let doctor = TestEnvironment::new().boll(&["doctor", "--lang", "go"]);
        panic!("{UNPREPARED}; `boll doctor` says:\n{}", doctor.stdout);
    }
    env::join_paths([bin].into_iter().chain(env::split_paths(&path))).expect("a search path")
}

fn is_new_enough() -> bool {
    let version = Command::new("go")
        .args(["env", "GOVERSION"])
        .current_dir("/")
        .output();
    let text = version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let minor = |text: String| {
        text.strip_prefix("go1.")?
            .split('.')
            .next()?
            .parse::<u32>()
            .ok()
    };
    text.ok().and_then(minor).is_some_and(|minor| minor >= 25)
}

/// Where Go keeps what it has compiled: the standard library takes some seconds.
pub(crate) fn cache() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("go-build")
}
