//! Opens a command's standard streams: an end for the process, and one for
//! whoever feeds, keeps or hands on its bytes.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex};

use uuid::Uuid;

use super::capture::{Capture, Destination, input_pipe, output_pipe};
use super::lines::{LineSink, LineStream, OutputStream, Source};
use super::pump::Streams;
use super::stdin::Stdin;
use super::tail::Tail;
use super::tree::Outlet;
use crate::policy::AuthorizedCommand;
use crate::policy::command::{Input, Keep};
use crate::sandbox::{Sandbox, Stdio};

/// Both sides of a command's streams.
pub(super) struct Opened {
    /// The process's ends.
    pub(super) stdio: Stdio,
    /// What the supervisor moves bytes between.
    pub(super) streams: Streams,
    /// What the holder of a child reads and writes.
    pub(super) stdin: Stdin,
    pub(super) stdout: Outlet,
    pub(super) stderr: Outlet,
}

/// `process` names the process in the log.
pub(super) fn open(
    command: &AuthorizedCommand,
    sandbox: &Sandbox,
    process: Uuid,
    lines: &Arc<dyn LineSink>,
) -> io::Result<Opened> {
    let spec = command.spec();
    let (stdin, feed, pipe) = match &spec.stdin {
        Input::Null => (sandbox.null()?, None, None),
        Input::Bytes(bytes) => {
            let (read, write) = input_pipe()?;
            (read, Some((bytes.clone(), write)), None)
        }
        Input::Pipe => {
            let (read, write) = input_pipe()?;
            (read, None, Some(write))
        }
    };
    let output = |keep, stream| {
        let lines = || {
            let source = Source {
                process,
                program: spec.program.as_str().into(),
                label: spec.label.as_deref().map(Into::into),
                stream,
            };
            LineStream::new(Arc::clone(lines), source)
        };
        open_output(keep, sandbox, lines)
    };
    let (stdout, stdout_capture, stdout_outlet) = output(spec.stdout, OutputStream::Stdout)?;
    let (stderr, stderr_capture, stderr_outlet) = output(spec.stderr, OutputStream::Stderr)?;
    Ok(Opened {
        stdio: Stdio {
            stdin,
            stdout,
            stderr,
        },
        streams: Streams {
            stdin: feed,
            stdout: stdout_capture,
            stderr: stderr_capture,
        },
        stdin: Stdin::new(pipe),
        stdout: stdout_outlet,
        stderr: stderr_outlet,
    })
}

fn open_output(
    keep: Keep,
    sandbox: &Sandbox,
    lines: impl FnOnce() -> LineStream,
) -> io::Result<(OwnedFd, Option<Capture>, Outlet)> {
    let (destination, outlet) = match keep {
        Keep::Null => return Ok((sandbox.null()?, None, Outlet::None)),
        Keep::Stream => {
            let (pipe, end) = output_pipe()?;
            return Ok((end, None, Outlet::Stream(Mutex::new(Some(pipe)))));
        }
        Keep::Log => (Destination::Lines(lines()), Outlet::None),
        Keep::Ring(size) => {
            let tail = Arc::new(Tail::new(size));
            (Destination::Ring(Arc::clone(&tail)), Outlet::Ring(tail))
        }
    };
    let (capture, end) = Capture::new(destination)?;
    Ok((end, Some(capture), outlet))
}
