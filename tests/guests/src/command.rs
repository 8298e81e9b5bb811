//! The action `run`: any command that WIT can describe, malformed ones too.
//! The steps of `children` describe what they spawn in the same way.

use serde::Deserialize;

/// A command as a test describes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    not(target_family = "wasm"),
    expect(dead_code, reason = "read in a component")
)]
pub struct Description {
    program: String,
    #[serde(default)]
    args: Vec<String>,
    cwd: Option<String>,
    /// Names and values.
    #[serde(default)]
    env: Vec<(String, String)>,
    /// Text, or `null`.
    stdin: Option<String>,
    /// So many bytes for stdin in place of a text.
    stdin_bytes: Option<usize>,
    /// Asks for a pipe as stdin, which only a spawned child may have.
    #[serde(default)]
    stdin_pipe: bool,
    /// `ring:N`, `null`, `log` or `stream`.
    #[serde(default = "ring")]
    stdout: String,
    /// The same.
    #[serde(default = "ring")]
    stderr: String,
    #[serde(default)]
    limits: Limits,
    timeout_ms: Option<u64>,
    label: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(
    not(target_family = "wasm"),
    expect(dead_code, reason = "read in a component")
)]
struct Limits {
    memory: Option<u64>,
    cpu_seconds: Option<u64>,
    pids: Option<u32>,
    open_files: Option<u32>,
    file_size: Option<u64>,
}

fn ring() -> String {
    "ring:65536".to_owned()
}

#[cfg(target_family = "wasm")]
pub(crate) use raw::{error_value, exit, lower, output_value, pass, run};

/// Only a component can have raw bindings.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn run(_: Description) -> serde_json::Value {
    serde_json::Value::Null
}

/// Likewise.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn pass(_: Description, _: usize) {}

#[cfg(target_family = "wasm")]
mod raw;
