//! The capsule's log: levels, fields, attribution, limits.

use boll_host::CallOptions;
use boll_host::services::log::{
    FieldValue, JsonFormat, LineFormat, LineSource, LogLevel, LogLine, TextFormat,
};
use serde_json::json;

use crate::bench::Bench;

async fn lines_of(level: LogLevel) -> Vec<LogLine> {
    let setup = Bench::setup().without_sandbox();
    let bench = setup.log(|log| log.level = level).start().await;
    let options = CallOptions {
        principal: Some("ann".into()),
        call_id: Some("c-1".into()),
        time: None,
    };
    bench
        .call("log-lines", "", options)
        .await
        .expect("an answer");
    bench.logged().await
}

#[tokio::test]
async fn lines_below_the_level_are_not_written() {
    use LogLevel::{Debug, Error, Info, Trace, Warn};
    for level in [Trace, Debug, Info, Warn, Error] {
        let lines = lines_of(level).await;
        assert!(lines.iter().all(|line| line.level >= level));
        let all = [Trace, Debug, Info, Warn, Error];
        let expected: Vec<_> = all.into_iter().filter(|one| *one >= level).collect();
        let written: Vec<_> = lines
            .iter()
            .filter(|line| line.message.starts_with("a line of level"))
            .map(|line| line.level)
            .collect();
        assert_eq!(written, expected);
    }
}

#[tokio::test]
async fn each_line_has_its_origin_and_its_fields() {
    let lines = lines_of(LogLevel::Info).await;
    for line in &lines {
        let origin = line.origin.as_ref().expect("an origin");
        assert_eq!(origin.capsule.as_str(), "guests");
        assert_eq!(origin.principal.as_deref(), Some("ann"));
        assert_eq!(origin.call_id.as_deref(), Some("c-1"));
        assert_eq!(line.source, LineSource::Capsule);
    }
    let line = lines
        .iter()
        .find(|line| line.message == "a line with fields");
    let fields = &line.expect("the line").fields;
    let field = |name: &str| {
        let found = fields.iter().find(|(key, _)| key == name);
        &found.expect("the field").1
    };
    assert_eq!(*field("text"), FieldValue::Text("ünï\n\"quoted\"".into()));
    assert_eq!(*field("integer"), FieldValue::Integer(i64::MIN));
    assert_eq!(*field("number"), FieldValue::Number(1.5));
    assert!(matches!(field("not.a-number"), FieldValue::Number(number) if number.is_nan()));
    assert_eq!(*field("boolean"), FieldValue::Boolean(true));
}

#[tokio::test]
async fn a_capsule_cannot_forge_a_line_or_the_hosts_keys() {
    let lines = lines_of(LogLevel::Info).await;
    for line in &lines {
        let mut json = String::new();
        JsonFormat.format(line, &mut json);
        let value: serde_json::Value = serde_json::from_str(&json).expect("one JSON value");
        assert_eq!(value["capsule"], "guests");
        assert_eq!(value["principal"], "ann");
        assert_ne!(value["level"], "forged");
        let mut text = String::new();
        TextFormat { colour: false }.format(line, &mut text);
        for written in [json, text] {
            let breaks = written.contains(['\n', '\r', '\u{1b}', '\0']);
            assert!(!breaks, "{written:?}");
        }
    }
}

#[tokio::test]
async fn what_is_refused_is_not_written_and_the_capsule_learns_why() {
    let bench = Bench::plain().await;
    let refused = bench.json("log-refused", "").await;
    assert_eq!(
        refused,
        json!({
            "too_large": "TooLarge(65536)",
            "empty_key": "InvalidKey(\"\")",
            "bad_key": "InvalidKey(\"a b\")",
            "long_key": format!("InvalidKey(\"{}\")", "k".repeat(65)),
            "too_many": "TooManyFields(64)",
        })
    );
    assert_eq!(bench.logged().await.len(), 0);
}

#[tokio::test]
async fn a_line_may_be_as_large_as_the_limit() {
    let setup = Bench::setup().without_sandbox();
    let bench = setup.log(|log| log.max_line = 100).start().await;
    bench
        .plainly("log-too-large", "100")
        .await
        .map(assert_continues)
        .expect("an answer");
    let outcome = bench
        .plainly("log-too-large", "101")
        .await
        .expect("an answer");
    assert!(
        matches!(outcome, boll_host::Outcome::Failed(_)),
        "{outcome:?}"
    );
    let lines = bench.logged().await;
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].message.len(), 100);
}

fn assert_continues(outcome: boll_host::Outcome) {
    assert_eq!(outcome, boll_host::Outcome::Continue(None));
}

#[tokio::test]
async fn what_a_capsule_prints_becomes_lines_with_their_source() {
    let bench = Bench::plain().await;
    bench.plainly("stdout", "").await.expect("an answer");
    let lines = bench.logged().await;
    let of = |source: LineSource| -> Vec<_> {
        lines
            .iter()
            .filter(|line| line.source == source)
            .map(|line| (line.level, line.message.as_str()))
            .collect()
    };
    use LogLevel::{Info, Warn};
    assert_eq!(
        of(LineSource::Stdout),
        [
            (Info, "one line on stdout"),
            (Info, "two lines"),
            (Info, "on stdout"),
            (Info, "no end of line"),
        ]
    );
    assert_eq!(of(LineSource::Stderr), [(Warn, "one line on stderr")]);
}

#[tokio::test]
async fn the_words_of_a_panic_reach_the_log() {
    let bench = Bench::plain().await;
    bench
        .plainly("trap", "out of luck")
        .await
        .expect_err("a trap");
    let lines = bench.logged().await;
    let line = lines
        .iter()
        .find(|line| line.message.contains("out of luck"));
    assert_eq!(line.expect("the words").source, LineSource::Stderr);
}
