//! A configuration value and where it comes from. `Debug` redacts it: it may be a secret.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};

/// A configuration value.
///
/// Its text is redacted in `Debug` output and wiped from memory when it is dropped,
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
#[non_exhaustive]
pub enum ConfigSource {
    /// The manifest's default.
    Default,
    /// The code that set up the host, which gave no other source.
    Host,
    /// The operator's file.
    Operator {
        /// Its path.
        file: String,
        /// The line, counted from 1.
        line: usize,
    },
    /// A file that contains one secret.
    SecretFile(String),
    /// An environment variable.
    Environment(String),
    /// The command line.
    CommandLine,
}

impl ConfigValue {
    /// Creates a value from its text.
    #[must_use]
    pub fn new(text: impl Into<String>, source: ConfigSource) -> Self {
        Self {
            text: text.into().into(),
            source,
        }
    }

    /// Returns the text. It does not belong in logs, errors or listings.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// Returns where it comes from.
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
