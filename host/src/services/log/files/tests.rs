use std::fs;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;
use tempfile::TempDir;

use super::super::{LineSource, LogLevel};
use super::*;

mod places;
mod retention;
mod rotation;
mod trouble;

/// A folder for logs that is not there yet, and the sink.
struct Logs {
    _around: TempDir,
    path: PathBuf,
    sink: FileSink,
}

/// Everybody is admitted but `mallory`.
fn logs(settings: FileSettings) -> Logs {
    let around = tempfile::tempdir().unwrap();
    let path = around.path().join("logs");
    let sink = open(&path, settings);
    Logs {
        _around: around,
        path,
        sink,
    }
}

fn open(path: &Path, settings: FileSettings) -> FileSink {
    let sink = FileSink::open(path, settings).unwrap();
    sink.admitting(|principal| principal != "mallory")
}

fn rotating(bytes: u64) -> FileSettings {
    FileSettings {
        rotate_bytes: NonZeroU64::new(bytes).unwrap(),
        ..keeping_all()
    }
}

/// The tests' lines are of all times.
fn keeping_all() -> FileSettings {
    FileSettings {
        keep: LogRetention {
            days: None,
            bytes: None,
        },
        ..FileSettings::default()
    }
}

fn at(time: &str) -> SystemTime {
    humantime::parse_rfc3339(time).unwrap()
}

fn origin(capsule: &str, principal: Option<&str>) -> Option<Arc<Origin>> {
    Some(Arc::new(Origin {
        capsule: capsule.parse().unwrap(),
        principal: principal.map(Into::into),
        call_id: Some("c-1".into()),
    }))
}

/// A line of ann's, who calls the capsule `sample`.
fn line(time: &str, message: &str) -> LogLine {
    of(origin("sample", Some("ann")), time, message)
}

fn of(origin: Option<Arc<Origin>>, time: &str, message: &str) -> LogLine {
    LogLine {
        time: at(time),
        level: LogLevel::Info,
        source: match &origin {
            Some(_) => LineSource::Capsule,
            None => LineSource::Host,
        },
        origin,
        message: message.to_owned(),
        fields: Vec::new(),
    }
}

const NOON: &str = "2024-05-06T12:00:00Z";
const ANN: &str = "principals/ann/sample/2024-05-06.jsonl";

impl Logs {
    fn read(&self, name: &str) -> Vec<Value> {
        read(&self.path.join(name))
    }

    fn messages(&self, name: &str) -> Vec<String> {
        messages(&self.read(name))
    }

    /// Every file, relative to the folder, sorted.
    fn files(&self) -> Vec<String> {
        files(&self.path)
    }
}

/// Each line of a file must be one JSON object.
fn read(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'), "{text:?}");
    let lines = text.lines().map(serde_json::from_str);
    lines.collect::<Result<_, _>>().unwrap()
}

fn messages(lines: &[Value]) -> Vec<String> {
    let message = |line: &Value| line["message"].as_str().unwrap().to_owned();
    lines.iter().map(message).collect()
}

fn files(folder: &Path) -> Vec<String> {
    fn collect(folder: &Path, base: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.is_symlink() {
                collect(&path, base, found);
            } else {
                let name = path.strip_prefix(base).unwrap().to_str().unwrap();
                found.push(name.to_owned());
            }
        }
    }
    let mut found = Vec::new();
    collect(folder, folder, &mut found);
    found.sort();
    found
}

fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < until, "never: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
