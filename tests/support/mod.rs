//! What the tests of the program and of the library share: a clean environment
//! for `boll`, the guests, and git repositories.

#![allow(dead_code, reason = "each test program uses a part of it")]

pub(crate) mod components;
pub(crate) mod environment;
pub(crate) mod go;
pub(crate) mod guests;
pub(crate) mod language_server;
pub(crate) mod linters;
pub(crate) mod npm;
pub(crate) mod repository;
#[path = "../../host/src/tests/without.rs"]
pub(crate) mod without;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What a test fails with where this machine lacks what it needs: tests install nothing.
pub(crate) const UNPREPARED: &str =
    "this machine cannot run the tests: `cargo xtask prepare` installs what they need";

/// The folder of the whole project.
pub(crate) fn root() -> PathBuf {
    let program = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = program.ancestors().nth(2);
    root.expect("the program's folder lies in the host's")
        .to_owned()
}

/// The processes of this machine that have the text in their command line.
pub(crate) fn processes_with(text: &str) -> usize {
    fs::read_dir("/proc")
        .expect("/proc")
        .filter_map(|entry| fs::read(entry.ok()?.path().join("cmdline")).ok())
        .filter(|line| String::from_utf8_lossy(line).contains(text))
        .count()
}

/// Waits until something is so; far longer than it should take.
pub(crate) fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < until, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A number of seconds to sleep that no other process of this machine has in
/// its command line.
pub(crate) fn marker() -> String {
    format!("31.{}", uuid::Uuid::new_v4().as_u128())
}
