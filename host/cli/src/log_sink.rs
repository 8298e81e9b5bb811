//! The capsules' log on standard error, and in files if the operator wants them.

use std::io::{self, Write as _};
use std::sync::mpsc::Receiver;

use boll_host::services::log::{FileSink, LineFormat, LogLine, LogSink};

use crate::failure::{Code, Done, Failure};
use crate::operator::LogFiles;
use crate::output::LogFormat;
use crate::report::host_log;
use crate::report::log_format::format_of;

/// Lines on standard error, and in files.
pub(crate) struct ProgramSink {
    stderr: StderrSink,
    files: Option<Files>,
}

/// The files, and the host's own lines for them.
struct Files {
    sink: FileSink,
    of_host: Option<Receiver<LogLine>>,
}

/// Lines on standard error.
struct StderrSink {
    format: Box<dyn LineFormat>,
    text: String,
}

impl ProgramSink {
    /// Writes to standard error only.
    pub(crate) fn new(format: LogFormat) -> Self {
        Self {
            stderr: StderrSink::new(format),
            files: None,
        }
    }

    /// Adds the files.
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
            self.files = Some(Files {
                sink: sink.admitting(move |principal| principals.contains(principal)),
                of_host: host_log::for_files(),
            });
        }
        Ok(self)
    }
}

impl LogSink for ProgramSink {
    fn write(&mut self, lines: &[LogLine]) {
        self.stderr.write(lines);
        if let Some(files) = &mut self.files {
            files.sink.write(lines);
            files.write_of_host();
        }
    }

    fn tick(&mut self) {
        if let Some(files) = &mut self.files {
            files.write_of_host();
            files.sink.tick();
        }
    }
}

impl Files {
    /// Writes the host's own lines since the last time.
    fn write_of_host(&mut self) {
        let lines = self.of_host.iter().flat_map(Receiver::try_iter);
        let lines: Vec<LogLine> = lines.collect();
        if !lines.is_empty() {
            self.sink.write(&lines);
        }
    }
}

impl StderrSink {
    fn new(format: LogFormat) -> Self {
        Self {
            format: format_of(format),
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
