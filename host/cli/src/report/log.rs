//! The capsules' log on standard error, and in files where the operator wants it.

use std::io::{self, IsTerminal as _, Write as _};

use boll_host::services::log::{FileSink, JsonFormat, LineFormat, LogLine, LogSink, TextFormat};

use crate::args::LogFormat;
use crate::failure::{Code, Done, Failure};
use crate::operator::LogFiles;

/// Lines on standard error, and in files.
pub(crate) struct ProgramSink {
    stderr: StderrSink,
    files: Option<FileSink>,
}

/// Lines on standard error.
struct StderrSink {
    format: Box<dyn LineFormat>,
    text: String,
}

impl ProgramSink {
    /// Standard error alone.
    pub(crate) fn new(format: LogFormat) -> Self {
        Self {
            stderr: StderrSink::new(format),
            files: None,
        }
    }

    /// Files besides.
    pub(crate) fn files(mut self, files: Option<LogFiles>) -> Done<Self> {
        if let Some(LogFiles {
            directory,
            principals,
            settings,
        }) = files
        {
            let sink = FileSink::open(directory, settings).map_err(|error| {
                Failure::from_error(Code::Machine, &error)
                    .hint("it is the `directory` of [log] in the operator's file")
            })?;
            self.files = Some(sink.admitting(move |principal| principals.contains(principal)));
        }
        Ok(self)
    }
}

impl LogSink for ProgramSink {
    fn write(&mut self, lines: &[LogLine]) {
        self.stderr.write(lines);
        if let Some(files) = &mut self.files {
            files.write(lines);
        }
    }

    fn tick(&mut self) {
        if let Some(files) = &mut self.files {
            files.tick();
        }
    }
}

impl StderrSink {
    fn new(format: LogFormat) -> Self {
        let terminal = io::stderr().is_terminal();
        let text = match format {
            LogFormat::Auto => terminal,
            LogFormat::Text => true,
            LogFormat::Json => false,
        };
        let format: Box<dyn LineFormat> = if text {
            Box::new(TextFormat { colour: terminal })
        } else {
            Box::new(JsonFormat)
        };
        Self {
            format,
            text: String::new(),
        }
    }

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
