//! Payloads: where they come from, and how they are shown.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

use crate::args::CallArgs;
use crate::failure::{Code, Done, Failure};

/// The payload that was given, in whatever way.
pub(crate) fn read(call: &CallArgs) -> Done<Vec<u8>> {
    let failed = |path: &Path, error: &io::Error| {
        Failure::new(
            Code::Input,
            format!("cannot read the payload from {}: {error}", path.display()),
        )
    };
    match (&call.payload, &call.payload_file) {
        (Some(text), _) => Ok(text.clone().into_bytes()),
        (None, Some(path)) if path == Path::new("-") => {
            let mut bytes = Vec::new();
            io::stdin()
                .lock()
                .read_to_end(&mut bytes)
                .map_err(|error| failed(path, &error))?;
            Ok(bytes)
        }
        (None, Some(path)) => fs::read(path).map_err(|error| failed(path, &error)),
        (None, None) => Ok(Vec::new()),
    }
}

/// A payload inside a JSON result: JSON as itself, text as a string, other
/// bytes as a list of numbers.
pub(crate) fn json(bytes: &[u8]) -> serde_json::Value {
    if bytes.is_empty() {
        return serde_json::Value::Null;
    }
    serde_json::from_slice(bytes).unwrap_or_else(|_| match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => bytes.into(),
    })
}
