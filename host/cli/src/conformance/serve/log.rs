//! Log lines as events of the protocol.

use boll_host::services::log::{FieldValue, LineSource, LogLine, LogSink};
use serde_json::{Map, Value, json};

use super::say;
use crate::conformance::protocol::{Event, Message};

/// Says each line.
pub(super) struct Events;

impl LogSink for Events {
    fn write(&mut self, lines: &[LogLine]) {
        for line in lines {
            let line = shown(line);
            say(&Message::Event(Event::Log { line }));
        }
    }
}

fn shown(line: &LogLine) -> Map<String, Value> {
    let mut shown = Map::new();
    let mut put = |key: &str, value: Value| shown.insert(key.to_owned(), value);
    put("level", line.level.as_str().into());
    put("message", line.message.as_str().into());
    let fields = line.fields.iter().map(|(key, value)| {
        let value = match value {
            FieldValue::Text(text) => text.as_str().into(),
            FieldValue::Integer(number) => (*number).into(),
            FieldValue::Number(number) => json!(number),
            FieldValue::Boolean(flag) => (*flag).into(),
        };
        (key.clone(), value)
    });
    put("fields", Value::Object(fields.collect()));
    put("source", line.source.as_str().into());
    if let LineSource::Child { name, .. } = &line.source {
        put("child", Value::from(&**name));
    }
    if let Some(origin) = &line.origin {
        put("capsule", origin.capsule.as_str().into());
        put("principal", json!(origin.principal.as_deref()));
        put("call-id", json!(origin.call_id.as_deref()));
    }
    shown
}
