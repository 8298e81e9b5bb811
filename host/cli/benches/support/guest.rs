//! The capsules `tests/guests/bench`, `bench-stream` and `bench-wait`.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use boll_host::capsule::Manifest;

const BENCH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/guests/bench");
const STREAM: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/guests/bench-stream"
);

const WAIT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/guests/bench-wait");

/// The first one's component.
pub(crate) fn component() -> &'static [u8] {
    static COMPONENT: OnceLock<Vec<u8>> = OnceLock::new();
    COMPONENT.get_or_init(|| build(BENCH))
}

/// Its manifest.
pub(crate) fn manifest() -> Manifest {
    manifest_in(BENCH)
}

/// The manifest and the component of the other one.
pub(crate) fn stream() -> (Manifest, Vec<u8>) {
    (manifest_in(STREAM), build(STREAM))
}

/// The component of the one that works or waits.
pub(crate) fn wait() -> &'static [u8] {
    static COMPONENT: OnceLock<Vec<u8>> = OnceLock::new();
    COMPONENT.get_or_init(|| build(WAIT))
}

/// A component, built as any capsule is.
fn build(folder: &str) -> Vec<u8> {
    let build = Command::new(env!("CARGO_BIN_EXE_boll"))
        .args(["build", folder])
        .output()
        .expect("boll starts");
    let errors = String::from_utf8_lossy(&build.stderr);
    assert!(build.status.success(), "{errors}");
    let path = String::from_utf8(build.stdout).expect("a path in UTF-8");
    std::fs::read(path.trim_end()).expect("the component")
}

fn manifest_in(folder: &str) -> Manifest {
    let text = std::fs::read_to_string(Path::new(folder).join("Capsule.toml"));
    Manifest::parse("Capsule.toml", &text.expect("the manifest")).expect("a sound manifest")
}

/// The payload of a timed action.
pub(crate) fn repetitions(count: u64) -> Vec<u8> {
    count.to_le_bytes().to_vec()
}

/// What a timed action answered.
pub(crate) fn time(reply: &[u8]) -> Duration {
    let bytes = reply.try_into().expect("eight bytes");
    Duration::from_nanos(u64::from_le_bytes(bytes))
}
