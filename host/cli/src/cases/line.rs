//! A log line as JSON: what patterns are matched against, and what the suite's
//! protocol sends. Pure.

use boll_host::services::log::{FieldValue, LineSource, LogLine};
use serde_json::{Map, Value, json};

use super::pattern::Pattern;

/// Returns a line as JSON.
pub(crate) fn json(line: &LogLine) -> Map<String, Value> {
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

/// Returns a line, or what is expected of one, for a reader: `info: message key="value"`.
pub(crate) fn worded(line: &Value) -> String {
    let level = line["level"].as_str();
    let level = level.map_or(String::new(), |level| format!("{level}: "));
    let message = Pattern::of(line["message"].clone());
    let fields = line["fields"].as_object().into_iter().flatten();
    let fields: String = fields
        .map(|(key, value)| format!(" {key}={value}"))
        .collect();
    format!("{level}{message}{fields}")
}
