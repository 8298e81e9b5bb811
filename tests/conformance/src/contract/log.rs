//! `boll:log/log`.

use crate::bindings::boll::log::log as host;
use crate::fault;

pub use host::{Error, Field, Level, Value};

/// Asks the host.
///
/// # Errors
///
/// The host's.
pub fn emit(level: Level, message: &str, fields: &[Field]) -> Result<(), Error> {
    let fields = match fault::is("log-fields-lost") {
        true => &[],
        false => fields,
    };
    match host::emit(level, message, fields) {
        Err(Error::TooLarge(_)) if fault::is("log-any-size") => Ok(()),
        Err(Error::InvalidKey(_)) if fault::is("log-any-key") => Ok(()),
        Err(Error::TooManyFields(_)) if fault::is("log-any-fields") => Ok(()),
        answer => answer,
    }
}

/// Asks the host.
#[must_use]
pub fn enabled(level: Level) -> bool {
    host::enabled(level) || fault::is("log-always-enabled")
}
