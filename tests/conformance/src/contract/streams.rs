//! `boll:process/streams`.

use super::children::{Channel, Child, Error};
use crate::bindings::boll::process::streams as host;
use crate::bindings::wasi::io::poll::Pollable;
use crate::bindings::wasi::io::streams::{InputStream, OutputStream};
use crate::fault;

/// Asks the host.
///
/// # Errors
///
/// The host's.
pub fn stdin(child: &Child) -> Result<OutputStream, Error> {
    host::stdin(&child.0).map_err(wrong)
}

/// Asks the host.
///
/// # Errors
///
/// The host's.
pub fn output(child: &Child, channel: Channel) -> Result<InputStream, Error> {
    host::output(&child.0, channel).map_err(wrong)
}

/// Asks the host.
#[must_use]
pub fn exited(child: &Child) -> Pollable {
    host::exited(&child.0)
}

fn wrong(error: Error) -> Error {
    match error {
        Error::WrongStream if fault::is("stream-taken-is-closed") => Error::Closed,
        error => error,
    }
}
