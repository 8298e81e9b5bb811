//! The capsules' log on standard error.

use std::io::{self, IsTerminal as _, Write as _};

use boll_host::services::log::{JsonFormat, LineFormat, LogLine, LogSink, TextFormat};

/// Lines on standard error: for people on a terminal, JSON elsewhere.
pub(crate) struct StderrSink {
    format: Box<dyn LineFormat>,
    text: String,
}

impl StderrSink {
    pub(crate) fn new() -> Self {
        let format: Box<dyn LineFormat> = if io::stderr().is_terminal() {
            Box::new(TextFormat { colour: true })
        } else {
            Box::new(JsonFormat)
        };
        Self {
            format,
            text: String::new(),
        }
    }
}

impl LogSink for StderrSink {
    fn write(&mut self, lines: &[LogLine]) {
        self.text.clear();
        for line in lines {
            self.format.format(line, &mut self.text);
            self.text.push('\n');
        }
        // A closed standard error stops no capsule.
        let _ = io::stderr().lock().write_all(self.text.as_bytes());
    }
}
