//! The host's own log: its warnings become lines like those of capsules, on standard
//! error in the chosen format, and in the log's files.

use std::fmt;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use boll_host::services::log::{FieldValue, LineFormat, LineSource, LogLevel, LogLine};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, registry};

use super::log_format::format_of;
use super::reporter::Verbosity;
use super::shown::Shown;
use crate::output::LogFormat;

/// The number of lines that may wait until the files are open, or until they are written.
const WAITING: usize = 256;

/// Events about the log's files, which the files' writer records itself.
const OF_THE_FILES: &str = "boll_host::services::log";

static FOR_FILES: OnceLock<Mutex<Option<Receiver<LogLine>>>> = OnceLock::new();

/// Shows the host's own events: only errors, also warnings, or all.
pub(crate) fn begin(verbosity: Verbosity, format: LogFormat) {
    let level = match verbosity {
        Verbosity::Silent | Verbosity::Normal => "boll=warn,boll_host=warn",
        Verbosity::Verbose => "boll=debug,boll_host=debug",
    };
    let (for_files, waiting) = sync_channel(WAITING);
    // Set once, at the start of the program: neither can be set already.
    let _ = FOR_FILES.set(Mutex::new(Some(waiting)));
    let log = HostLog {
        format: Mutex::new(format_of(format)),
        only_errors: verbosity == Verbosity::Silent,
        for_files,
        shown: Shown::begin(),
    };
    let _ = registry()
        .with(log.with_filter(EnvFilter::new(level)))
        .try_init();
}

/// Returns the host's lines for the files, once, to the writer of the files.
pub(crate) fn for_files() -> Option<Receiver<LogLine>> {
    let waiting = FOR_FILES.get()?;
    waiting
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take()
}

struct HostLog {
    format: Mutex<Box<dyn LineFormat>>,
    /// Whether only errors go to standard error. Files also get the warnings.
    only_errors: bool,
    for_files: SyncSender<LogLine>,
    shown: Shown,
}

impl<S: Subscriber> Layer<S> for HostLog {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut said = Said::default();
        event.record(&mut said);
        let line = LogLine {
            time: SystemTime::now(),
            level: match *event.metadata().level() {
                Level::ERROR => LogLevel::Error,
                Level::WARN => LogLevel::Warn,
                Level::INFO => LogLevel::Info,
                Level::DEBUG => LogLevel::Debug,
                Level::TRACE => LogLevel::Trace,
            },
            origin: None,
            source: LineSource::Host,
            message: said.message,
            fields: said.fields,
        };
        if !self.only_errors || line.level == LogLevel::Error {
            self.show(&line);
        }
        if !event.metadata().target().starts_with(OF_THE_FILES) {
            // The queue is full if there are no files.
            let _ = self.for_files.try_send(line);
        }
    }
}

impl HostLog {
    fn show(&self, line: &LogLine) {
        let mut text = String::new();
        let format = self.format.lock().unwrap_or_else(PoisonError::into_inner);
        format.format(line, &mut text);
        drop(format);
        text.push('\n');
        self.shown.line(text);
    }
}

/// The text of an event.
#[derive(Default)]
struct Said {
    message: String,
    fields: Vec<(String, FieldValue)>,
}

impl Said {
    fn add(&mut self, field: &Field, value: FieldValue) {
        match (field.name(), value) {
            ("message", FieldValue::Text(text)) => self.message = text,
            (name, value) => self.fields.push((name.to_owned(), value)),
        }
    }
}

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, FieldValue::Text(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, FieldValue::Text(value.to_owned()));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, FieldValue::Integer(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        let value = i64::try_from(value).unwrap_or(i64::MAX);
        self.add(field, FieldValue::Integer(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, FieldValue::Number(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, FieldValue::Boolean(value));
    }
}
