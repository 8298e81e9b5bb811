//! Log lines with a level, a message and fields.
//!
//! The host adds which capsule, which principal and which call it was.
//!
//! ```
//! # use boll_sdk::{fake, log};
//! # let host = fake::Host::new().install();
//! let commits = 3;
//! log::info!("read {commits} commits");
//! log::warn!(path = "notes.md", bytes = 12_u64; "the file is short");
//! # assert_eq!(host.log()[1].fields[0].key, "path");
//! ```
//!
//! Fields stand before the message and end with a semicolon, as in the `log`
//! crate. A value is anything that a [`Value`] can be made from.

#[cfg(feature = "log")]
pub(crate) mod facade;
mod macros;
mod value;

pub use crate::{
    __debug as debug, __error as error, __info as info, __trace as trace, __warn as warn,
};
pub use macros::__write;
pub use value::Value;

use crate::host;
use std::fmt;

/// How much a line matters, from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Every step.
    Trace,
    /// For whoever looks for a mistake.
    Debug,
    /// What a reader wants to know when all is well.
    Info,
    /// Something is not as it should be.
    Warn,
    /// Something failed.
    Error,
}

/// One named value of a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// `[A-Za-z_][A-Za-z0-9_.-]*`, at most 64 bytes.
    pub key: String,
    /// The value.
    pub value: Value,
}

impl Field {
    /// A field of this name and value.
    pub fn new(key: impl Into<String>, value: impl Into<Value>) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
        }
    }
}

/// Why a line was refused. A refused line is not written in part.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// Message, keys and texts together are larger than this limit, in bytes.
    TooLarge(u64),
    /// This key is not of the form that a [`Field`] asks for.
    InvalidKey(String),
    /// There are more fields than this limit.
    TooManyFields(u32),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(limit) => write!(f, "the log line is larger than {limit} bytes"),
            Self::InvalidKey(key) => write!(f, "`{key}` cannot be the key of a log field"),
            Self::TooManyFields(limit) => {
                write!(f, "the log line has more than {limit} fields")
            }
        }
    }
}

impl std::error::Error for Error {}

/// Writes one line. A line below the host's level is accepted and not written.
///
/// The macros of this module are the usual way.
///
/// # Errors
///
/// When the host refuses the line.
pub fn emit(level: Level, message: &str, fields: &[Field]) -> Result<(), Error> {
    host::emit(level, message, fields)
}

/// Whether a line of this level would be written. The macros of this module
/// ask before they build a line.
pub fn enabled(level: Level) -> bool {
    host::enabled(level)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{fake, log};

    #[test]
    fn macros_write_messages_and_fields() {
        let host = fake::Host::new().install();
        let name = "ann";
        log::trace!("plain");
        log::debug!("hello {name} {}", 1);
        log::info!(commits = 3, name = name, "dotted.key" = 1.5; "with {} fields", 3);
        log::warn!(done = true; "one");
        log::error!(big = u64::MAX; "last");
        let lines = host.log();
        assert_eq!(lines[0].message, "plain");
        assert_eq!(lines[1].message, "hello ann 1");
        assert_eq!(lines[2].message, "with 3 fields");
        assert_eq!(
            lines[2].fields,
            [
                Field::new("commits", 3),
                Field::new("name", "ann"),
                Field::new("dotted.key", 1.5)
            ]
        );
        assert_eq!(lines[3].fields, [Field::new("done", true)]);
        assert_eq!(lines[4].level, Level::Error);
        assert_eq!(
            lines[4].fields[0].value,
            Value::Text("18446744073709551615".into())
        );
    }

    #[test]
    fn a_line_below_the_level_is_not_built() {
        let host = fake::Host::new().log_level(Level::Warn).install();
        log::info!("{}", unbuilt());
        assert!(host.log().is_empty());
    }

    fn unbuilt() -> &'static str {
        panic!("the line was built")
    }

    #[test]
    fn a_refused_line_leaves_a_warning() {
        let host = fake::Host::new().install();
        log::info!("{}", "x".repeat(70_000));
        let lines = host.log();
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].level, Level::Warn);
        assert_eq!(
            lines[0].message,
            "a log line was refused: the log line is larger than 65536 bytes"
        );
    }

    #[test]
    fn the_fake_refuses_what_the_host_refuses() {
        let _host = fake::Host::new().install();
        let bad = [Field::new("1st", 1)];
        assert_eq!(
            emit(Level::Info, "", &bad),
            Err(Error::InvalidKey("1st".into()))
        );
        let many = vec![Field::new("k", 1); 65];
        assert_eq!(emit(Level::Info, "", &many), Err(Error::TooManyFields(64)));
    }
}
