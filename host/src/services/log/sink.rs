//! Where lines end up.

use super::{LineSource, LogLevel, LogLine};

/// Where lines end up. Called by one thread, several lines at a time.
pub trait LogSink: Send + 'static {
    /// Writes lines in their order. What goes wrong is the sink's to report:
    /// a log that cannot be written stops nothing.
    fn write(&mut self, lines: &[LogLine]);

    /// Called about once a second, also when there are no lines, and when the
    /// log is flushed: for what a sink does by the clock.
    fn tick(&mut self) {}
}

/// Hands lines to `tracing`, target `boll::capsule`. The sink of a runtime that
/// was given no other.
#[derive(Debug, Default)]
pub struct TracingSink;

impl LogSink for TracingSink {
    fn write(&mut self, lines: &[LogLine]) {
        for line in lines {
            let origin = line.origin.as_deref();
            let capsule = origin.map(|origin| origin.capsule.as_str());
            let principal = origin.and_then(|origin| origin.principal.as_deref());
            let call = origin.and_then(|origin| origin.call_id.as_deref());
            let source = line.source.as_str();
            let (child, child_id) = match &line.source {
                LineSource::Child { id, name, .. } => (Some(&**name), Some(id)),
                _ => (None, None),
            };
            let child_id = child_id.map(tracing::field::display);
            let LogLine {
                message, fields, ..
            } = line;
            macro_rules! forward {
                ($level:ident) => {
                    tracing::$level!(
                        target: "boll::capsule",
                        capsule,
                        principal,
                        call,
                        source,
                        child,
                        child_id,
                        ?fields,
                        "{}",
                        message.escape_debug()
                    )
                };
            }
            match line.level {
                LogLevel::Trace => forward!(trace),
                LogLevel::Debug => forward!(debug),
                LogLevel::Info => forward!(info),
                LogLevel::Warn => forward!(warn),
                LogLevel::Error => forward!(error),
            }
        }
    }
}
