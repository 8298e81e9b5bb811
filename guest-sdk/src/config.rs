//! The capsule's configuration: the keys that its manifest declares.

use crate::host;
use std::error::Error as StdError;
use std::fmt;
use std::str::FromStr;

/// Why a value cannot be had.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The manifest does not declare this key.
    Undeclared(String),
    /// The key is longer than this limit, in bytes.
    KeyTooLong(u64),
    /// Nobody set the key that [`require`] asked for, and it has no default.
    Missing(String),
    /// The value is not of the type that was asked for. The value itself is
    /// kept out of the text: it may be secret.
    Invalid {
        /// The key.
        key: String,
        /// The name of the type.
        expected: &'static str,
        /// What the type says about the value.
        source: Box<dyn StdError + Send + Sync>,
    },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undeclared(key) => write!(
                f,
                "the manifest does not declare the configuration key `{key}`: add `[config.{key}]` to Capsule.toml"
            ),
            Self::KeyTooLong(limit) => {
                write!(f, "the configuration key is longer than {limit} bytes")
            }
            Self::Missing(key) => write!(
                f,
                "the configuration key `{key}` has no value and no default"
            ),
            Self::Invalid { key, expected, .. } => {
                write!(f, "the configuration key `{key}` is not a `{expected}`")
            }
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Invalid { source, .. } => Some(source.as_ref()),
            _ => None,
        }
    }
}

/// The value of a declared key; `None` when nobody set it and it has no
/// default.
///
/// # Errors
///
/// [`Error::Undeclared`], [`Error::KeyTooLong`], and [`Error::Invalid`] when
/// the value is not a `T`.
///
/// ```
/// # use boll_sdk::{config, fake};
/// # let _host = fake::Host::new().config("port", "8080").install();
/// let port: Option<u16> = config::get("port")?;
/// assert_eq!(port, Some(8080));
/// # Ok::<(), config::Error>(())
/// ```
pub fn get<T>(key: &str) -> Result<Option<T>, Error>
where
    T: FromStr,
    T::Err: Into<Box<dyn StdError + Send + Sync>>,
{
    let Some(text) = host::config_get(key)? else {
        return Ok(None);
    };
    match text.parse() {
        Ok(value) => Ok(Some(value)),
        Err(error) => Err(Error::Invalid {
            key: key.to_owned(),
            expected: std::any::type_name::<T>(),
            source: error.into(),
        }),
    }
}

/// The value of a declared key that must have one.
///
/// # Errors
///
/// As [`get`], and [`Error::Missing`] where that gives `None`.
pub fn require<T>(key: &str) -> Result<T, Error>
where
    T: FromStr,
    T::Err: Into<Box<dyn StdError + Send + Sync>>,
{
    get(key)?.ok_or_else(|| Error::Missing(key.to_owned()))
}

/// Every declared key that has a value, with its value as text, sorted by key.
pub fn all() -> Vec<(String, String)> {
    host::config_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Json, fake};

    #[test]
    fn values_are_read_as_the_type_asked_for() {
        let _host = fake::Host::new()
            .config("limit", "12")
            .config("names", r#"["a"]"#)
            .config_unset("label")
            .install();
        assert_eq!(require::<u64>("limit").unwrap(), 12);
        assert_eq!(require::<Json<Vec<String>>>("names").unwrap().0, ["a"]);
        assert_eq!(get::<String>("label").unwrap(), None);
        assert!(matches!(require::<String>("label"), Err(Error::Missing(key)) if key == "label"));
        assert_eq!(all().len(), 2);
    }

    #[test]
    fn an_undeclared_key_says_what_to_add() {
        let _host = fake::Host::new().install();
        let error = get::<String>("limit").unwrap_err().to_string();
        assert!(error.contains("add `[config.limit]`"), "{error}");
    }

    #[test]
    fn a_wrong_type_does_not_show_the_value() {
        let _host = fake::Host::new().config("limit", "secret").install();
        let failure = crate::Failure::from(get::<u64>("limit").unwrap_err());
        assert_eq!(
            failure.to_string(),
            "the configuration key `limit` is not a `u64`: invalid digit found in string"
        );
    }
}
