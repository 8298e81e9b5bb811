//! Log lines: queued without ever blocking a guest, written by one thread.

mod format;
mod line;
mod service;

pub use format::{JsonFormat, LineFormat, TextFormat};
pub use line::{FieldValue, LineSource, LogLevel, LogLine, Origin};
pub(crate) use service::LogService;
pub use service::{LogSettings, LogSink, TracingSink};
