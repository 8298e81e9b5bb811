//! One line of a log.

use std::sync::Arc;
use std::time::SystemTime;

use super::Origin;

/// How much a line matters, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum LogLevel {
    /// Every step.
    Trace,
    /// For finding faults.
    Debug,
    /// What a user wants to know.
    #[default]
    Info,
    /// What may become a fault.
    Warn,
    /// A fault.
    Error,
}

impl LogLevel {
    /// Returns the level's name, in lower case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// What produced a line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineSource {
    /// The capsule, through `boll:log`.
    Capsule,
    /// The capsule's standard output.
    Stdout,
    /// The capsule's standard error.
    Stderr,
    /// A child process.
    Child {
        /// The child's id.
        id: uuid::Uuid,
        /// The child's label, or its program.
        name: Arc<str>,
        /// `stdout` or `stderr`.
        channel: &'static str,
    },
    /// The host, about the log itself or about what a capsule does.
    Host,
}

impl LineSource {
    /// Returns the source's name: `capsule`, `stdout`, `stderr` or `host`. A child's is the
    /// name of its stream.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Capsule => "capsule",
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
            Self::Child { channel, .. } => channel,
            Self::Host => "host",
        }
    }
}

impl LineSource {
    /// The id and the name of the child process that it is.
    pub(super) fn child(&self) -> Option<(uuid::Uuid, &str)> {
        match self {
            Self::Child { id, name, .. } => Some((*id, name)),
            _ => None,
        }
    }
}

/// The value of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldValue {
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// True or false.
    Boolean(bool),
}

impl FieldValue {
    /// A count, which no log of this world makes larger than a field holds.
    pub(super) fn count(count: u64) -> Self {
        Self::Integer(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

/// One line, as it goes to a [`super::LogSink`].
#[derive(Debug, Clone)]
pub struct LogLine {
    /// When it was emitted.
    pub time: SystemTime,
    /// Its level.
    pub level: LogLevel,
    /// Whose it is; `None` for the host's own lines.
    pub origin: Option<Arc<Origin>>,
    /// What produced it.
    pub source: LineSource,
    /// The message, as it came: formatting it is what makes it safe to print.
    pub message: String,
    /// Its fields.
    pub fields: Vec<(String, FieldValue)>,
}

impl LogLine {
    /// What it holds in memory, in bytes.
    pub(super) fn size(&self) -> usize {
        let fields = self.fields.iter().map(|(key, value)| {
            let text = match value {
                FieldValue::Text(text) => text.len(),
                FieldValue::Integer(_) | FieldValue::Number(_) | FieldValue::Boolean(_) => 0,
            };
            size_of::<(String, FieldValue)>() + key.len() + text
        });
        size_of::<Self>() + self.message.len() + fields.sum::<usize>()
    }
}
