//! `boll:config/config`.

use crate::bindings::boll::config::config as host;
use crate::fault;

pub use host::{Entry, Error};

/// Asks the host.
///
/// # Errors
///
/// The host's.
pub fn get(key: &str) -> Result<Option<String>, Error> {
    match host::get(key) {
        Err(Error::Undeclared(_)) if fault::is("config-undeclared-is-unset") => Ok(None),
        Err(Error::KeyTooLong(_)) if fault::is("config-key-any-length") => {
            Err(Error::Undeclared(key.to_owned()))
        }
        Ok(None) if fault::is("config-unset-is-empty") => Ok(Some(String::new())),
        Ok(Some(text)) if text.is_empty() && fault::is("config-empty-is-unset") => Ok(None),
        answer => answer,
    }
}

/// Asks the host.
#[must_use]
pub fn all() -> Vec<Entry> {
    let mut all = host::all();
    if fault::is("config-all-unsorted") {
        all.reverse();
    }
    if fault::is("config-all-without-empty") {
        all.retain(|entry| !entry.value.is_empty());
    }
    all
}
