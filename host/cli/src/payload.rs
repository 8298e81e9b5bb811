//! Payloads: where they come from, and how they are shown.

use std::io::{self, Read};
use std::path::Path;
use std::thread;
use std::time::Duration;

use boll_host::RuntimeLimits;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
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

/// A payload as a part of a JSON result.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    /// JSON as it is, with the numbers as they were written; text as a string; other bytes as
    /// a list of numbers.
    payload: Option<Box<RawValue>>,
    /// Which of these it is: the text `"a"` and the JSON `"a"` would look alike.
    payload_is: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Form {
    Json,
    Text,
    Bytes,
    Empty,
}

impl Shown {
    /// Returns a payload as a part of a JSON result.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        if bytes.is_empty() {
            return Self {
                payload: None,
                payload_is: Form::Empty,
            };
        }
        let text = std::str::from_utf8(bytes);
        if let Ok(text) = text
            && let Some(json) = one_line(text)
        {
            return Self {
                payload: Some(json),
                payload_is: Form::Json,
            };
        }
        match text {
            Ok(text) => Self::made(text, Form::Text),
            Err(_) => Self::made(bytes, Form::Bytes),
        }
    }

    fn made<T: Serialize + ?Sized>(value: &T, payload_is: Form) -> Self {
        Self {
            payload: to_raw_value(value).ok(),
            payload_is,
        }
    }
}

/// Returns JSON as it is, on one line: a line break is not a part of any value. `None` if
/// the text is not JSON.
fn one_line(text: &str) -> Option<Box<RawValue>> {
    let json: &RawValue = serde_json::from_str(text).ok()?;
    RawValue::from_string(json.get().replace(['\n', '\r'], " ")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_as_they_are_and_text_is_told_from_json() {
        let shown = |bytes: &[u8]| serde_json::to_string(&Shown::of(bytes)).expect("JSON");
        for (payload, expected, form) in [
            (
                &b"123456789012345678901234567890"[..],
                "123456789012345678901234567890",
                "json",
            ),
            (b" 1.0\n", "1.0", "json"),
            (
                b"[1e400, -0,\n9007199254740993]",
                "[1e400, -0, 9007199254740993]",
                "json",
            ),
            (b"{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":2}", "json"),
            (b"\"a\"", "\"a\"", "json"),
            (b"a", "\"a\"", "text"),
            (b"\"a\nb\"", "\"\\\"a\\nb\\\"\"", "text"),
            (b"NaN", "\"NaN\"", "text"),
            (b"1 2", "\"1 2\"", "text"),
            (b"null", "null", "json"),
            (b"\xff\x01", "[255,1]", "bytes"),
            (b"", "null", "empty"),
        ] {
            let expected = format!("{{\"payload\":{expected},\"payload_is\":\"{form}\"}}");
            assert_eq!(shown(payload), expected);
        }
    }

    #[test]
    fn deep_json_is_shown() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(Shown::of(deep.as_bytes()).payload_is, Form::Json);
    }
}
