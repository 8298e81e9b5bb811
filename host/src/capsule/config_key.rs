//! One `[config.KEY]` of a manifest: its type, and whether a value fits it.

use std::fmt;

use serde::Deserialize;
use toml::Spanned;

use crate::document::{Document, DocumentError};

/// The longest key, in bytes.
pub const MAX_KEY_LEN: usize = 4096;

/// A declared configuration key.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ConfigKey {
    /// The type of its values.
    pub value_type: ConfigType,
    /// The value if none is set.
    pub default: Option<String>,
    /// Whether the capsule cannot be loaded without a value.
    pub required: bool,
    /// Whether its value is kept out of logs, errors and listings.
    pub secret: bool,
    /// What it is for, in one line.
    pub description: Option<String>,
}

/// The type of a key's values. Checked values are always text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfigType {
    /// Any text.
    String,
    /// A signed 64-bit integer.
    Integer,
    /// A finite number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// One of these words.
    Enum(Vec<String>),
    /// JSON.
    Json,
}

/// A value that does not fit its type. The error does not repeat the value: it may be a
/// secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the value is not {expected}")]
pub struct UnfitValue {
    expected: String,
}

impl ConfigType {
    /// Returns the value in the form in which the capsule gets it.
    ///
    /// # Errors
    ///
    /// The text is not a value of this type.
    pub fn check(&self, text: &str) -> Result<String, UnfitValue> {
        let fit = match self {
            Self::String => Some(text.to_owned()),
            Self::Integer => text.parse::<i64>().ok().map(|value| value.to_string()),
            Self::Number => text
                .parse::<f64>()
                .ok()
                .filter(|value| value.is_finite())
                .map(|value| value.to_string()),
            Self::Boolean => text.parse::<bool>().ok().map(|value| value.to_string()),
            Self::Enum(words) => words.iter().find(|word| *word == text).cloned(),
            Self::Json => serde_json::from_str::<serde::de::IgnoredAny>(text)
                .ok()
                .map(|_| text.to_owned()),
        };
        fit.ok_or_else(|| UnfitValue {
            expected: self.to_string(),
        })
    }

    /// Returns a TOML value in the form in which the capsule gets it.
    ///
    /// # Errors
    ///
    /// The value is not of this type.
    pub fn check_toml(&self, value: &toml::Value) -> Result<String, UnfitValue> {
        let text = match (self, value) {
            (Self::String | Self::Enum(_), toml::Value::String(text)) => text.clone(),
            (Self::Integer | Self::Number, toml::Value::Integer(number)) => number.to_string(),
            (Self::Number, toml::Value::Float(number)) => number.to_string(),
            (Self::Boolean, toml::Value::Boolean(flag)) => flag.to_string(),
            (Self::Json, value) => serde_json::to_string(value).unwrap_or_default(),
            _ => {
                return Err(UnfitValue {
                    expected: self.to_string(),
                });
            }
        };
        self.check(&text)
    }
}

impl ConfigType {
    /// Returns the type's name, as manifests write it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Enum(_) => "enum",
            Self::Json => "json",
        }
    }
}

impl fmt::Display for ConfigType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String => f.write_str("a string"),
            Self::Integer => f.write_str("an integer"),
            Self::Number => f.write_str("a number"),
            Self::Boolean => f.write_str("`true` or `false`"),
            Self::Enum(words) => write!(f, "one of {}", words.join(", ")),
            Self::Json => f.write_str("JSON"),
        }
    }
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
enum RawType {
    String,
    Integer,
    Number,
    Boolean,
    Enum,
    Json,
}

/// A key as manifests write it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawConfigKey {
    r#type: Spanned<RawType>,
    values: Option<Spanned<Vec<String>>>,
    default: Option<Spanned<toml::Value>>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    secret: bool,
    description: Option<String>,
}

impl RawConfigKey {
    pub(super) fn check(
        self,
        document: &Document<'_>,
        name: &Spanned<String>,
    ) -> Result<ConfigKey, DocumentError> {
        if name.get_ref().is_empty() || name.get_ref().len() > MAX_KEY_LEN {
            return Err(document.error(
                Some(name.span()),
                format!("a configuration key has 1 to {MAX_KEY_LEN} bytes"),
            ));
        }
        let value_type = self.value_type(document)?;
        let default = match &self.default {
            None => None,
            Some(default) if self.required => {
                return Err(document.error(
                    Some(default.span()),
                    "a required key cannot have a default: remove one of the two",
                ));
            }
            Some(default) if self.secret => {
                return Err(document.error(
                    Some(default.span()),
                    "a manifest cannot contain secrets: remove the default",
                ));
            }
            Some(default) => Some(
                value_type
                    .check_toml(default.get_ref())
                    .map_err(|unfit| document.error(Some(default.span()), unfit.to_string()))?,
            ),
        };
        Ok(ConfigKey {
            value_type,
            default,
            required: self.required,
            secret: self.secret,
            description: self.description,
        })
    }

    fn value_type(&self, document: &Document<'_>) -> Result<ConfigType, DocumentError> {
        let plain = match (self.r#type.get_ref(), &self.values) {
            (RawType::Enum, Some(values)) if !values.get_ref().is_empty() => {
                return Ok(ConfigType::Enum(values.get_ref().clone()));
            }
            (RawType::Enum, _) => {
                return Err(document.error(
                    Some(self.r#type.span()),
                    "an enum needs `values`, a list of its words",
                ));
            }
            (RawType::String, None) => ConfigType::String,
            (RawType::Integer, None) => ConfigType::Integer,
            (RawType::Number, None) => ConfigType::Number,
            (RawType::Boolean, None) => ConfigType::Boolean,
            (RawType::Json, None) => ConfigType::Json,
            (_, Some(values)) => {
                return Err(document.error(
                    Some(values.span()),
                    "only keys of type \"enum\" have `values`",
                ));
            }
        };
        Ok(plain)
    }
}
