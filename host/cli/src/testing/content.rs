//! The content that a case gives or expects: text, JSON, or a file of either.

use std::ops::Range;
use std::path::PathBuf;

use boll_host::document::{Document, DocumentError};
use serde_json::Value;
use toml::Spanned;

use super::fixtures::{Fixtures, Unfit};

/// Bytes, or JSON, whose formatting is ignored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    Bytes(Vec<u8>),
    Json(Value),
    /// JSON with the bytes of the file that it stands in.
    JsonFile(Value, Vec<u8>),
}

/// A key in its three forms: `payload`, `payload-json`, `payload-file`.
pub(super) struct Forms<'a> {
    key: &'a str,
    text: Option<Spanned<String>>,
    json: Option<Spanned<toml::Value>>,
    file: Option<Spanned<PathBuf>>,
}

/// The document that a case is in, and the files that it may name.
#[derive(Clone, Copy)]
pub(super) struct CaseSource<'a> {
    pub(super) document: &'a Document<'a>,
    pub(super) fixtures: &'a Fixtures<'a>,
}

impl Content {
    /// Returns the bytes to pass on.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) | Self::JsonFile(_, bytes) => bytes,
            Self::Json(value) => value.to_string().into_bytes(),
        }
    }

    /// Returns whether these bytes have this content.
    pub(crate) fn is(&self, bytes: &[u8]) -> bool {
        match self {
            Self::Bytes(expected) => expected == bytes,
            Self::Json(expected) | Self::JsonFile(expected, _) => {
                serde_json::from_slice::<Value>(bytes).is_ok_and(|found| found == *expected)
            }
        }
    }

    /// Returns the text to show.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Bytes(bytes) => shown(bytes),
            Self::Json(value) | Self::JsonFile(value, _) => pretty(value),
        }
    }

    /// Returns the text to show for other bytes next to it, in the same form if possible.
    pub(crate) fn text_of(&self, bytes: &[u8]) -> String {
        match (self, serde_json::from_slice::<Value>(bytes)) {
            (Self::Json(_) | Self::JsonFile(..), Ok(value)) => pretty(&value),
            _ => shown(bytes),
        }
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// Returns bytes as text; bytes that are not UTF-8 are listed.
pub(crate) fn shown(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => format!("{} bytes that are not UTF-8: {:02x?}", bytes.len(), bytes),
    }
}

impl<'a> Forms<'a> {
    pub(super) fn of(
        key: &'a str,
        text: Option<Spanned<String>>,
        json: Option<Spanned<toml::Value>>,
        file: Option<Spanned<PathBuf>>,
    ) -> Self {
        Self {
            key,
            text,
            json,
            file,
        }
    }

    /// Returns the content and its position, if it is given in one form.
    pub(super) fn read(
        self,
        place: CaseSource<'_>,
    ) -> Result<Option<(Content, Range<usize>)>, DocumentError> {
        let Self {
            key,
            text,
            json,
            file,
        } = self;
        let spans = [
            text.as_ref().map(Spanned::span),
            json.as_ref().map(Spanned::span),
            file.as_ref().map(Spanned::span),
        ];
        let mut given = spans.into_iter().flatten();
        let Some(span) = given.next() else {
            return Ok(None);
        };
        if let Some(second) = given.next() {
            return Err(place.document.error(
                Some(second),
                format!("`{key}` is given in two forms: leave one out"),
            ));
        }
        let content = match (text, json, file) {
            (Some(text), ..) => Content::Bytes(text.into_inner().into_bytes()),
            (_, Some(value), _) => Content::Json(place.json(value)?),
            (.., Some(file)) => place.file(&file)?,
            (None, None, None) => return Ok(None),
        };
        Ok(Some((content, span)))
    }
}

impl CaseSource<'_> {
    pub(super) fn error(&self, span: Range<usize>, message: impl Into<String>) -> DocumentError {
        self.document.error(Some(span), message)
    }

    /// An error about a file or folder that is named there.
    pub(super) fn unfit(&self, span: Range<usize>, unfit: Unfit) -> DocumentError {
        self.error(span, unfit.message).with_hint(unfit.hint)
    }

    /// Returns the content of a file; empty if files are only looked at.
    pub(super) fn bytes(&self, file: &Spanned<PathBuf>) -> Result<Vec<u8>, DocumentError> {
        let bytes = self.fixtures.bytes(file.get_ref(), false);
        let bytes = bytes.map_err(|unfit| self.unfit(file.span(), unfit))?;
        Ok(bytes.unwrap_or_default())
    }

    /// Returns the content of a file: JSON if its name ends in `.json`.
    fn file(&self, file: &Spanned<PathBuf>) -> Result<Content, DocumentError> {
        if file.get_ref().extension().is_none_or(|ext| ext != "json") {
            return Ok(Content::Bytes(self.bytes(file)?));
        }
        let bytes = self.fixtures.bytes(file.get_ref(), true);
        let Some(bytes) = bytes.map_err(|unfit| self.unfit(file.span(), unfit))? else {
            return Ok(Content::Bytes(Vec::new()));
        };
        let value = serde_json::from_slice(&bytes).map_err(|error| {
            let path = file.get_ref().display();
            self.error(file.span(), format!("{path} is no JSON: {error}"))
        })?;
        Ok(Content::JsonFile(value, bytes))
    }

    /// Converts TOML to JSON; a string holds JSON as text, since TOML has no null.
    pub(super) fn json(&self, value: Spanned<toml::Value>) -> Result<Value, DocumentError> {
        let span = value.span();
        let value = match value.into_inner() {
            toml::Value::String(text) => serde_json::from_str(&text)
                .map_err(|error| format!("the string is no JSON: {error}")),
            other => json(other),
        };
        value.map_err(|message| self.error(span, message))
    }
}

fn json(value: toml::Value) -> Result<Value, String> {
    match value {
        // Serde would write these as `null` and as a table.
        toml::Value::Float(number) if !number.is_finite() => {
            Err("JSON has no such number".to_owned())
        }
        toml::Value::Datetime(_) => Err("JSON has no dates: write it in quotes".to_owned()),
        toml::Value::Array(all) => all.into_iter().map(json).collect(),
        toml::Value::Table(table) => {
            let keys = table.into_iter();
            keys.map(|(key, value)| Ok((key, json(value)?))).collect()
        }
        plain => serde_json::to_value(plain).map_err(|error| error.to_string()),
    }
}
