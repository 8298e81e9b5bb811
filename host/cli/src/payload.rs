//! Payloads: where they come from, and how they are shown.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use boll_host::RuntimeLimits;

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
            all(io::stdin().lock()).map_err(|error| failed(path, &error))
        }
        (None, Some(path)) => File::open(path)
            .and_then(all)
            .map_err(|error| failed(path, &error)),
        (None, None) => Ok(Vec::new()),
    }
}

/// All that there is, or a byte more than a call takes: the host then says so.
fn all(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = RuntimeLimits::default().payload;
    from.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
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
