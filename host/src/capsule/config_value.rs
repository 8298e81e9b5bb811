//! A configuration value with where it comes from. It does not print itself:
//! it may be a secret.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};

/// A configuration value.
///
/// Its text is left out of `Debug` and wiped from memory when it is dropped,
/// whether its key is declared a secret or not.
///
/// ```
/// use boll_host::capsule::{ConfigSource, ConfigValue};
///
/// let value = ConfigValue::new("hunter2", ConfigSource::CommandLine);
/// assert_eq!(value.expose(), "hunter2");
/// assert!(!format!("{value:?}").contains("hunter2"));
/// ```
#[derive(Debug, Clone)]
pub struct ConfigValue {
    text: SecretString,
    source: ConfigSource,
}

/// Where a configuration value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigSource {
    /// The manifest's default.
    Default,
    /// Whoever set up the host, without saying from where.
    Host,
    /// The operator's file.
    Operator {
        /// Its path.
        file: String,
        /// The line, counted from 1.
        line: usize,
    },
    /// A file that holds one secret.
    SecretFile(String),
    /// An environment variable.
    Environment(String),
    /// The command line.
    CommandLine,
}

impl ConfigValue {
    /// A value as text.
    #[must_use]
    pub fn new(text: impl Into<String>, source: ConfigSource) -> Self {
        Self {
            text: text.into().into(),
            source,
        }
    }

    /// The text. Not for logs, errors or listings.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// Where it comes from.
    #[must_use]
    pub fn source(&self) -> &ConfigSource {
        &self.source
    }
}

impl From<String> for ConfigValue {
    fn from(text: String) -> Self {
        Self::new(text, ConfigSource::Host)
    }
}

impl From<&str> for ConfigValue {
    fn from(text: &str) -> Self {
        Self::new(text, ConfigSource::Host)
    }
}

impl fmt::Display for ConfigSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("the manifest's default"),
            Self::Host => f.write_str("the host"),
            Self::Operator { file, line } => write!(f, "{file}:{line}"),
            Self::SecretFile(path) => write!(f, "the file {path}"),
            Self::Environment(variable) => write!(f, "the variable {variable}"),
            Self::CommandLine => f.write_str("--config"),
        }
    }
}
