//! Patterns for expected values, as JSON. Pure.
//!
//! An object expects its own keys and allows others; a list expects as many
//! elements in the same order. An object with one of these keys alone is a
//! condition: `$contains` a text or an element, `$length` of a text or list, `$any`
//! whatever it is, `$not` a pattern, `$prefix` a text's beginning.

use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value, json};

/// A pattern whose conditions are known ones.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Value")]
pub(crate) struct Pattern(Value);

impl TryFrom<Value> for Pattern {
    type Error = String;

    fn try_from(pattern: Value) -> Result<Self, String> {
        check(&pattern)?;
        Ok(Self(pattern))
    }
}

impl Pattern {
    /// A pattern that is written here, with known conditions only.
    pub(crate) fn of(pattern: Value) -> Self {
        Self(pattern)
    }

    /// Matches everything.
    pub(crate) fn any() -> Self {
        Self(json!({"$any": true}))
    }

    /// The pattern as JSON.
    pub(crate) fn json(&self) -> &Value {
        &self.0
    }

    /// Returns whether what was found is what the pattern expects.
    pub(crate) fn matches(&self, found: &Value) -> bool {
        matches(&self.0, found)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let condition = self.0.as_object().and_then(condition);
        match (&self.0, condition) {
            (_, Some(("$any", _))) => f.write_str("any"),
            (_, Some(("$contains", Value::String(part)))) => write!(f, "…{part}…"),
            (Value::String(text), _) => f.write_str(text),
            (other, _) => write!(f, "{other}"),
        }
    }
}

fn matches(pattern: &Value, found: &Value) -> bool {
    match pattern {
        Value::Object(object) => match condition(object) {
            Some((name, with)) => holds(name, with, found),
            None => found.as_object().is_some_and(|found| {
                object.iter().all(|(key, pattern)| {
                    // What is not there is as good as null.
                    matches(pattern, found.get(key).unwrap_or(&Value::Null))
                })
            }),
        },
        Value::Array(patterns) => found.as_array().is_some_and(|found| {
            let mut pairs = patterns.iter().zip(found);
            patterns.len() == found.len() && pairs.all(|(pattern, found)| matches(pattern, found))
        }),
        other => other == found,
    }
}

/// The names of the conditions.
const CONDITIONS: [&str; 5] = ["$any", "$contains", "$length", "$not", "$prefix"];

fn condition(object: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, with) = object.iter().next()?;
    (object.len() == 1 && name.starts_with('$')).then_some((name.as_str(), with))
}

fn holds(name: &str, with: &Value, found: &Value) -> bool {
    match (name, with, found) {
        ("$any", ..) => true,
        ("$contains", Value::String(part), Value::String(found)) => found.contains(part.as_str()),
        ("$contains", part, Value::Array(found)) => found.iter().any(|one| matches(part, one)),
        ("$prefix", Value::String(start), Value::String(found)) => found.starts_with(&**start),
        ("$length", length, Value::String(found)) => *length == found.len(),
        ("$length", length, Value::Array(found)) => *length == found.len(),
        ("$not", pattern, found) => !matches(pattern, found),
        _ => false,
    }
}

/// Checks a pattern itself.
fn check(pattern: &Value) -> Result<(), String> {
    match pattern {
        Value::Object(object) => {
            for (key, value) in object {
                if key.starts_with('$') && (object.len() > 1 || !CONDITIONS.contains(&&**key)) {
                    return Err(format!(
                        "`{key}` is no condition, or not alone; conditions are {}",
                        CONDITIONS.join(", ")
                    ));
                }
                check(value)?;
            }
            Ok(())
        }
        Value::Array(patterns) => patterns.iter().try_for_each(check),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn patterns_expect_what_they_say() {
        for (pattern, found, expected) in [
            (json!({"a": 1}), json!({"a": 1, "b": 2}), true),
            (json!({"a": 1}), json!({"b": 2}), false),
            (json!({"a": null}), json!({"b": 2}), true),
            (json!([1, 2]), json!([1, 2]), true),
            (json!([1]), json!([1, 2]), false),
            (json!("x"), json!("x"), true),
            (json!({"$contains": "b"}), json!("abc"), true),
            (
                json!({"$contains": {"a": 1}}),
                json!([{"a": 1, "b": 2}]),
                true,
            ),
            (json!({"$contains": "b"}), json!(1), false),
            (json!({"$prefix": "ab"}), json!("abc"), true),
            (json!({"$length": 3}), json!("abc"), true),
            (json!({"$length": 2}), json!([1]), false),
            (json!({"$not": null}), json!(1), true),
            (json!({"$any": true}), json!(null), true),
        ] {
            let text = pattern.to_string();
            let pattern = Pattern::try_from(pattern).expect("a pattern");
            assert_eq!(pattern.matches(&found), expected, "{text} {found}");
        }
    }

    #[test]
    fn a_mistyped_condition_is_refused() {
        assert!(check(&json!({"a": [{"$contains": "x"}]})).is_ok());
        for wrong in [json!({"$contain": "x"}), json!({"$any": 1, "a": 2})] {
            assert!(check(&wrong).unwrap_err().contains("$contains"));
        }
    }

    #[test]
    fn a_reader_sees_what_a_text_has_to_be() {
        for (pattern, text) in [
            (json!({"$any": true}), "any"),
            (json!({"$contains": "b"}), "…b…"),
            (json!("whole"), "whole"),
            (json!({"a": {"$any": true}}), r#"{"a":{"$any":true}}"#),
        ] {
            assert_eq!(Pattern::of(pattern).to_string(), text);
        }
    }
}
