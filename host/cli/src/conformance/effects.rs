//! The effects of a case outside of its guest: files, log lines, processes.

use std::fs;

use serde_json::{Map, Value};

use super::case::{Counted, Effects};
use super::ground::Ground;
use crate::cases::pattern::Pattern;

/// Checks that the effects are the expected ones.
pub(super) fn check(
    effects: &Effects,
    ground: &Ground,
    log: &[Map<String, Value>],
) -> Result<(), String> {
    for (name, expected) in &effects.files {
        let broken = |error| format!("the file {name}: {error}");
        let (folder, path) = ground.at(name).map_err(broken)?;
        let Some(expected) = expected else {
            if folder.is_there(path) {
                return Err(format!("the file {name} is there"));
            }
            continue;
        };
        let found = folder.text(path).map_err(broken)?;
        if found != *expected {
            return Err(format!(
                "the file {name}: expected {expected:?}, found {found:?}"
            ));
        }
    }
    let lines: Vec<Value> = log.iter().cloned().map(Value::Object).collect();
    let all = |pattern: &Pattern| -> Vec<&Value> {
        lines.iter().filter(|line| pattern.matches(line)).collect()
    };
    for pattern in &effects.log {
        if all(pattern).is_empty() {
            let messages: Value = lines.iter().map(|line| line["message"].clone()).collect();
            return Err(format!("no log line {pattern} among {messages}"));
        }
    }
    for pattern in &effects.no_log {
        if let Some(line) = all(pattern).first() {
            return Err(format!("a log line {pattern}: {line}"));
        }
    }
    for Counted { line, count } in &effects.log_count {
        let found = all(line).len();
        if found != *count {
            return Err(format!("{found} log lines {line} instead of {count}"));
        }
    }
    Ok(())
}

/// Whether a process of this machine has the marker in its command line.
pub(super) fn is_running(marker: &str) -> bool {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|process| fs::read(process.path().join("cmdline")).ok())
        .any(|line| String::from_utf8_lossy(&line).contains(marker))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn files_and_lines_are_as_expected_or_named() {
        let ground = Ground::make().unwrap();
        fs::write(ground.workspace().join("made"), "x").unwrap();
        let log = [json!({"message": "said", "level": "info"})];
        let log: Vec<_> = log
            .iter()
            .map(|line| line.as_object().unwrap().clone())
            .collect();
        for (effects, expected) in [
            (json!({"files": {"made": "x", "gone": null}}), None),
            (json!({"files": {"made": "y"}}), Some("expected \"y\"")),
            (json!({"files": {"made": null}}), Some("is there")),
            (json!({"files": {"gone": "x"}}), Some("the file gone")),
            (json!({"log": [{"message": "said"}]}), None),
            (
                json!({"log": [{"message": "other"}]}),
                Some("among [\"said\"]"),
            ),
            (json!({"no-log": [{"level": "info"}]}), Some("a log line")),
            (json!({"no-log": [{"level": "warn"}]}), None),
            (
                json!({"log-count": [{"line": {"level": "info"}, "count": 1}]}),
                None,
            ),
            (
                json!({"log-count": [{"line": {"level": "info"}, "count": 2}]}),
                Some("1 log lines"),
            ),
        ] {
            let effects: Effects = serde_json::from_value(effects).unwrap();
            match (check(&effects, &ground, &log), expected) {
                (Ok(()), None) => {}
                (Err(error), Some(text)) => assert!(error.contains(text), "{error}"),
                other => panic!("{other:?}"),
            }
        }
    }
}
