//! A capsule that drives programs as the one with all actions does, but reads
//! their output from rings: it imports `children` and no `streams`.

#[path = "../../src/interactive/mod.rs"]
mod interactive;

use boll_sdk::process::{Child, RingReader, Stdio};
use boll_sdk::{Failure, Json};
use serde_json::Value;

/// How many bytes of a program's output are kept: more than any test writes.
const RING: u64 = 1 << 20;

/// The capsule.
pub struct ProcessOnly;

#[boll_sdk::capsule]
impl ProcessOnly {
    /// Sends lines to a program, each after the answer to the one before.
    pub fn repl(Json(session): Json<interactive::Session>) -> Result<Json<Value>, Failure> {
        session.repl(Stdio::ring(RING), stdout).map(Json)
    }

    /// Opens and ends a session with a language server.
    pub fn language_server(
        Json(session): Json<interactive::Session>,
    ) -> Result<Json<Value>, Failure> {
        session.language_server(Stdio::ring(RING), stdout).map(Json)
    }
}

fn stdout(child: &mut Child) -> RingReader {
    child.stdout_ring()
}
