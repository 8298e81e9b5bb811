//! Where lines end up.

use super::{LogLevel, LogLine};

/// Where lines end up. Called by one thread, several lines at a time.
pub trait LogSink: Send + 'static {
    /// Writes lines in their order. Failures are the sink's to report:
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
            let (child_id, child) = line.source.child().unzip();
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

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};
    use std::time::SystemTime;

    use super::super::{LineSource, Origin};
    use super::*;

    #[derive(Clone, Default)]
    struct Said(Arc<Mutex<Vec<u8>>>);

    impl Write for Said {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_goes_to_tracing_says_whose_it_is_and_forges_nothing() {
        let said = Said::default();
        let writer = said.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .finish();
        let line = LogLine {
            time: SystemTime::now(),
            level: LogLevel::Warn,
            origin: Some(Arc::new(Origin {
                capsule: "sample".parse().unwrap(),
                principal: Some("ann".into()),
                call_id: Some("c-1".into()),
            })),
            source: LineSource::Child {
                id: uuid::Uuid::nil(),
                name: "git".into(),
                channel: "stderr",
            },
            message: "a\nforged".to_owned(),
            fields: Vec::new(),
        };
        tracing::subscriber::with_default(subscriber, || TracingSink.write(&[line]));
        let text = String::from_utf8(said.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        for part in [
            "WARN boll::capsule: a\\nforged",
            "capsule=\"sample\"",
            "principal=\"ann\"",
            "call=\"c-1\"",
            "source=\"stderr\"",
            "child=\"git\"",
            "child_id=00000000-0000-0000-0000-000000000000",
        ] {
            assert!(text.contains(part), "no {part} in {text}");
        }
    }
}
