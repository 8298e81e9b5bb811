//! `wasi:logging/logging` under both names in use, which one component imports.

use std::fs;

use boll_host::CallOptions;
use boll_host::services::log::{FieldValue, LineSource, LogLevel, LogLine};

use crate::bench::Bench;
use crate::support::guests::wasi_names;

/// The lines that are logged by each of the two names.
async fn lines(level: LogLevel) -> Vec<Vec<LogLine>> {
    let mut all = Vec::new();
    let component = fs::read(wasi_names()).expect("the component");
    for action in ["lines-draft", "lines-unversioned"] {
        let setup = Bench::setup().without_sandbox();
        let load = setup.load_of("logging", component.clone());
        let bench = setup.log(|log| log.level = level).start().await;
        let id = bench.runtime.load(load).await.expect("it loads");
        let options = CallOptions {
            principal: Some("ann".into()),
            call_id: Some("c-1".into()),
            time: None,
        };
        let answer = bench.runtime.invoke(&id, action, Vec::new(), options);
        answer.await.expect("an answer");
        all.push(bench.logged().await);
    }
    all
}

#[tokio::test]
async fn both_names_of_wasi_logging_give_lines_with_their_context() {
    for lines in lines(LogLevel::Trace).await {
        let context = (
            "context".to_owned(),
            FieldValue::Text("a context".to_owned()),
        );
        let critical = ("critical".to_owned(), FieldValue::Boolean(true));
        use LogLevel::{Debug, Error, Info, Trace, Warn};
        for (line, (level, name)) in lines.iter().zip([
            (Trace, "trace"),
            (Debug, "debug"),
            (Info, "info"),
            (Warn, "warn"),
            (Error, "error"),
            (Error, "critical"),
        ]) {
            assert_eq!((line.level, line.message.as_str()), (level, name));
            let expected = match name {
                "critical" => vec![context.clone(), critical.clone()],
                _ => vec![context.clone()],
            };
            assert_eq!(line.fields, expected);
        }
        for line in &lines {
            let origin = line.origin.as_ref().expect("an origin");
            assert_eq!(origin.capsule.as_str(), "logging");
            assert_eq!(origin.principal.as_deref(), Some("ann"));
            assert_eq!(origin.call_id.as_deref(), Some("c-1"));
        }
        let named = |message: &str| lines.iter().find(|line| line.message == message);
        assert!(named("no context").expect("the line").fields.is_empty());
        assert!(named("a\n{\"message\":\"forged\"}").is_some());
    }
}

#[tokio::test]
async fn what_wasi_logging_cannot_refuse_is_told_in_the_log() {
    for lines in lines(LogLevel::Warn).await {
        let levels: Vec<LogLevel> = lines.iter().map(|line| line.level).collect();
        assert!(levels.iter().all(|level| *level >= LogLevel::Warn));
    }
    for lines in lines(LogLevel::Info).await {
        assert!(lines.iter().all(|line| line.message.len() < 70_000));
        let said = lines.iter().find(|line| line.source == LineSource::Host);
        let said = &said.expect("a line of the host").message;
        assert_eq!(said, "a line of 70007 bytes dropped: a line may have 65536");
        assert_eq!(lines.last().expect("a line").message, "after");
    }
}
