//! The program's output: progress, the host's own log, results.

pub(crate) mod colours;
pub(crate) mod host_log;
pub(crate) mod log_format;
pub(crate) mod reporter;
pub(crate) mod sections;
pub(crate) mod shown;
mod stdout;

use std::io::{self, IsTerminal as _, Write as _};

use boll_host::plain::{escaped_bytes, escaped_json, escaped_lines};

use crate::failure::{Code, Done, Failure};
use crate::wrap;

/// Writes a result to standard output, as lines. On a terminal, control characters are
/// escaped.
pub(crate) fn result(bytes: &[u8]) -> Done {
    if io::stdout().is_terminal() {
        written(&ended(escaped_bytes(bytes).into_bytes()))
    } else {
        written(&ended(bytes.to_vec()))
    }
}

/// Writes a description of a capsule to standard output, as lines. Control characters are
/// always escaped: the capsule's manifest and component contribute to the text, and a
/// pipe may lead to a terminal.
pub(crate) fn text(text: &str) -> Done {
    result(escaped_lines(text).as_bytes())
}

/// Writes a description of which long lines are broken to fit a terminal.
pub(crate) fn prose(prose: &str) -> Done {
    text(&wrap::wrapped(&escaped_lines(prose), wrap::of_stdout()))
}

/// Writes a capsule's reply to standard output: unchanged, except on a terminal, where it
/// becomes lines with control characters escaped.
pub(crate) fn reply(bytes: &[u8], raw: bool) -> Done {
    if raw || !io::stdout().is_terminal() {
        written(bytes)
    } else {
        result(bytes)
    }
}

/// Writes one of many replies, each of which ends its line.
pub(crate) fn line_of_reply(bytes: &[u8], raw: bool) -> Done {
    reply(&ended(bytes.to_vec()), raw)
}

/// Returns the bytes, with a line break at their end if there are any.
fn ended(mut bytes: Vec<u8>) -> Vec<u8> {
    if !bytes.is_empty() && !bytes.ends_with(b"\n") {
        bytes.push(b'\n');
    }
    bytes
}

/// Writes bytes to standard output unchanged.
pub(crate) fn written(bytes: &[u8]) -> Done {
    let failed = |code, error: &dyn std::fmt::Display| {
        let text = format!("cannot write to standard output: {error}");
        Failure::new(code, text)
    };
    if stdout::was_closed() {
        return Err(failed(Code::Unread, &"it is closed"));
    }
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(()),
        // The reader has enough, as `head` does: that is not reported.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Failure::unread()),
        Err(error) => Err(failed(Code::Machine, &error)),
    }
}

/// Writes a line of JSON to standard output.
pub(crate) fn json_line(value: &impl serde::Serialize) -> Done {
    let text = serde_json::to_string(value)
        .map_err(|error| Failure::new(Code::Host, format!("cannot write JSON: {error}")))?;
    result(escaped_json(&text).as_bytes())
}

/// Writes a result as JSON to standard output.
pub(crate) fn json(value: &impl serde::Serialize) -> Done {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::new(Code::Host, format!("cannot write JSON: {error}")))?;
    result(escaped_json(&text).as_bytes())
}
