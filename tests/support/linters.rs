//! The linters and type checkers that new projects are tried with.

use std::env;
use std::ffi::OsString;
use std::path::Path;

use super::{UNPREPARED, go, npm};

/// The search path on which they are found: what `cargo xtask` has fetched below the target folder, Go, and the
/// machine's own.
pub(crate) fn path() -> OsString {
    let python = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python-linters/bin");
    assert!(python.join("ruff").is_file(), "{UNPREPARED}");
    let node = npm::installed("tests/linters").join("node_modules/.bin");
    let path = go::path();
    let all = [python, node].into_iter().chain(env::split_paths(&path));
    env::join_paths(all).expect("a search path")
}
