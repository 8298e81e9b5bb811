//! Log lines: queued without ever blocking a guest, written by one thread.

mod call;
mod files;
mod format;
mod guarded;
mod line;
mod rate;
mod room;
mod service;
mod settings;
mod sink;

pub use crate::call::Origin;
pub(crate) use call::CallLog;
pub use files::{FileSettings, FileSink, FileSinkError, LogRetention};
pub use format::{JsonFormat, LineFormat, TextFormat};
pub use line::{FieldValue, LineSource, LogLevel, LogLine};
pub(crate) use service::LogService;
pub use settings::{LogRate, LogSettings};
pub use sink::{LogSink, TracingSink};
