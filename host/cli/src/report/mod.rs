//! What the program says: progress, the capsules' log, results.

pub(crate) mod log;
pub(crate) mod reporter;
pub(crate) mod sections;

use std::io::{self, IsTerminal as _, Write as _};

use tracing_subscriber::EnvFilter;

use crate::failure::{Code, Done, Failure};

/// Shows the host's own events: warnings, and more of them when asked.
pub(crate) fn tracing_to_stderr(verbose: bool) {
    let level = if verbose {
        "boll=debug,boll_host=debug"
    } else {
        "boll=warn,boll_host=warn"
    };
    // Set once, at the start of the program: it cannot be set already.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(level))
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false)
        .try_init();
}

/// Writes a result to standard output.
pub(crate) fn result(bytes: &[u8]) -> Done {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(bytes).and_then(|()| {
        if !bytes.is_empty() && !bytes.ends_with(b"\n") {
            stdout.write_all(b"\n")?;
        }
        stdout.flush()
    });
    match written {
        // Whoever reads has had enough, as `head` has.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::new(
            Code::Machine,
            format!("cannot write to standard output: {error}"),
        )),
        Ok(()) => Ok(()),
    }
}

/// Writes a line of JSON to standard output.
pub(crate) fn json_line(value: &serde_json::Value) -> Done {
    result(value.to_string().as_bytes())
}

/// Writes a result as JSON to standard output.
pub(crate) fn json(value: &impl serde::Serialize) -> Done {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| Failure::new(Code::Host, format!("cannot write JSON: {error}")))?;
    result(text.as_bytes())
}
