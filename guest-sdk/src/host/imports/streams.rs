//! Calls to `boll:process/streams`, and to the streams that it gives.

use super::children::{Child, error, raw_channel};
use crate::bindings::boll::process::streams as raw;
use crate::bindings::wasi::io::{poll, streams};
use crate::process::{Channel, ChildError};

/// How many bytes are asked of a stream at once.
const PORTION: u64 = 64 << 10;

pub(crate) fn output_stream(child: &Child, channel: Channel) -> Result<InputStream, ChildError> {
    let stream = raw::output(&child.0, raw_channel(channel)).map_err(error)?;
    Ok(InputStream(stream))
}

/// One of a child's outputs.
pub(crate) struct InputStream(streams::InputStream);

impl InputStream {
    /// The next bytes, at most `max` of them; none at the end.
    pub(crate) fn read(&mut self, max: usize) -> Result<Vec<u8>, ChildError> {
        loop {
            match self.0.blocking_read(max as u64) {
                // A stream may be ready with nothing.
                Ok(bytes) if bytes.is_empty() => {}
                Ok(bytes) => return Ok(bytes),
                Err(streams::StreamError::Closed) => return Ok(Vec::new()),
                Err(error) => return Err(stream_error(error)),
            }
        }
    }
}

/// Reads both to their end, whichever is ready: a child that waits for the
/// reader of one must not wait for the end of the other.
pub(crate) fn read_to_end(
    mut inputs: [Option<InputStream>; 2],
) -> Result<[Vec<u8>; 2], ChildError> {
    let mut all = [Vec::new(), Vec::new()];
    while inputs.iter().any(Option::is_some) {
        for index in ready(&inputs) {
            let Some(input) = &inputs[index] else {
                continue;
            };
            match input.0.read(PORTION) {
                Ok(bytes) => all[index].extend(bytes),
                Err(streams::StreamError::Closed) => inputs[index] = None,
                Err(error) => return Err(stream_error(error)),
            }
        }
    }
    Ok(all)
}

/// Waits until at least one can be read, and gives which.
fn ready(inputs: &[Option<InputStream>; 2]) -> Vec<usize> {
    let open = inputs.iter().enumerate();
    let (indices, pollables): (Vec<usize>, Vec<poll::Pollable>) = open
        .filter_map(|(index, input)| Some((index, input.as_ref()?.0.subscribe())))
        .unzip();
    let borrowed: Vec<&poll::Pollable> = pollables.iter().collect();
    let ready = poll::poll(&borrowed).into_iter();
    ready.map(|at| indices[at as usize]).collect()
}

fn stream_error(error: streams::StreamError) -> ChildError {
    match error {
        streams::StreamError::Closed => ChildError::Closed,
        streams::StreamError::LastOperationFailed(error) => {
            ChildError::Host(error.to_debug_string())
        }
    }
}
