//! Payloads: where they come from, and how they are shown.

use std::io::{self, Read};
use std::path::Path;
use std::thread;
use std::time::Duration;

use boll_host::RuntimeLimits;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::args::CallArgs;
use crate::failure::{Code, Done, Failure};
use crate::foreign;
use crate::interrupt::unless_told;
use crate::session;

/// Returns the payload, in whichever way it was given.
pub(crate) fn read(call: &CallArgs) -> Done<Vec<u8>> {
    match (&call.payload, &call.payload_file) {
        (Some(text), _) => Ok(text.clone().into_bytes()),
        (None, Some(path)) => patiently(path, call.time_ms.map(Duration::from_millis)),
        (None, None) => Ok(Vec::new()),
    }
}

/// Reads a payload that may take long to come, as from a pipe or a file system that hangs: until the program is told
/// to end, and no longer than the call may take. The thread that waits for it ends with
/// the program.
fn patiently(path: &Path, time: Option<Duration>) -> Done<Vec<u8>> {
    let (done, wait) = oneshot::channel();
    let from_here = path.to_path_buf();
    let started = thread::Builder::new()
        .name("payload".into())
        .spawn(move || drop(done.send(from(&from_here))));
    started.map_err(|error| Failure::from_error(Code::Machine, &error))?;
    session::block_on(unless_told(async {
        let came = match time {
            None => wait.await,
            Some(time) => timeout(time, wait).await.map_err(|_| {
                let text = format!(
                    "no complete payload came from {} within {} ms",
                    path.display(),
                    time.as_millis()
                );
                Failure::new(Code::Limit, text)
            })?,
        };
        // The thread sends, unless it panicked and reported that.
        let came = came.unwrap_or_else(|_| Err(io::ErrorKind::Interrupted.into()));
        came.map_err(|error| failed(path, &error))
    }))
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    let text = format!("cannot read the payload from {}: {error}", path.display());
    Failure::new(Code::Input, text)
}

fn from(path: &Path) -> io::Result<Vec<u8>> {
    match path == Path::new("-") {
        true => all(io::stdin().lock()),
        false => foreign::open_to_wait(path).and_then(all),
    }
}

/// Reads everything, or one byte more than a call accepts: the host then reports that.
fn all(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = RuntimeLimits::default().payload;
    from.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Returns a payload as a part of a JSON result: JSON as itself, text as a string, other
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
