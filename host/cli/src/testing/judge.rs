//! Holds what came of a call against what the case expects.

use std::collections::BTreeSet;

use boll_host::services::log::{FieldValue, LogLine};
use boll_host::{CallError, InvokeError, Outcome};

use super::Difference;
use super::content::{Content, shown};
use super::expect::{Ending, Expect, ExpectedLine};

/// What came of a call.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Found {
    Reply(Vec<u8>),
    Final(Vec<u8>),
    Denied(String),
    Failed(String),
    InvalidPayload(String),
    UnknownAction(String),
    Trapped(String),
    TimedOut,
    /// It never came to a call, or to an end.
    Nothing(String),
}

impl From<Outcome> for Found {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Continue(payload) => Self::Reply(payload.unwrap_or_default()),
            Outcome::Final(payload) => Self::Final(payload),
            Outcome::Deny(reason) => Self::Denied(reason),
            Outcome::UnknownAction(action) => Self::UnknownAction(action),
            Outcome::InvalidPayload(reason) => Self::InvalidPayload(reason),
            Outcome::Failed(reason) => Self::Failed(reason),
        }
    }
}

impl From<CallError> for Found {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Invoke {
                error: InvokeError::Trapped(trap),
                ..
            } => Self::Trapped(trap.reason),
            CallError::Invoke {
                error: InvokeError::TimedOut(_),
                ..
            } => Self::TimedOut,
            error => Self::Nothing(error.to_string()),
        }
    }
}

/// What of the end of a call differs.
pub(super) fn ending(expected: &Ending, found: &Found) -> Option<Difference> {
    let same = match (expected, found) {
        (Ending::Success, Found::Reply(_) | Found::Final(_))
        | (Ending::TimedOut, Found::TimedOut) => true,
        (Ending::Reply(content), Found::Reply(bytes))
        | (Ending::Final(content), Found::Final(bytes)) => content.is(bytes),
        (Ending::Denied(text), Found::Denied(said))
        | (Ending::Failed(text), Found::Failed(said))
        | (Ending::InvalidPayload(text), Found::InvalidPayload(said))
        | (Ending::UnknownAction(text), Found::UnknownAction(said))
        | (Ending::Trapped(text), Found::Trapped(said)) => text.is(said),
        _ => false,
    };
    if same {
        return None;
    }
    let (kind, wanted, content) = wanted(expected);
    let (found_kind, text) = said(found, content);
    Some(if kind == found_kind {
        Difference::new(kind, wanted, text)
    } else {
        Difference::new("outcome", worded(kind, &wanted), worded(found_kind, &text))
    })
}

fn worded(kind: &str, text: &str) -> String {
    if text.is_empty() {
        kind.to_owned()
    } else {
        format!("{kind}: {text}")
    }
}

fn wanted(expected: &Ending) -> (&'static str, String, Option<&Content>) {
    match expected {
        Ending::Success => ("a reply", String::new(), None),
        Ending::Reply(content) => ("reply", content.text(), Some(content)),
        Ending::Final(content) => ("final", content.text(), Some(content)),
        Ending::Denied(text) => ("denied", text.to_string(), None),
        Ending::Failed(text) => ("failed", text.to_string(), None),
        Ending::InvalidPayload(text) => ("invalid-payload", text.to_string(), None),
        Ending::UnknownAction(text) => ("unknown-action", text.to_string(), None),
        Ending::Trapped(text) => ("trapped", text.to_string(), None),
        Ending::TimedOut => ("timed-out", String::new(), None),
    }
}

fn said(found: &Found, beside: Option<&Content>) -> (&'static str, String) {
    let bytes = |bytes: &[u8]| beside.map_or_else(|| shown(bytes), |one| one.text_of(bytes));
    match found {
        Found::Reply(payload) => ("reply", bytes(payload)),
        Found::Final(payload) => ("final", bytes(payload)),
        Found::Denied(text) => ("denied", text.clone()),
        Found::Failed(text) => ("failed", text.clone()),
        Found::InvalidPayload(text) => ("invalid-payload", text.clone()),
        Found::UnknownAction(text) => ("unknown-action", text.clone()),
        Found::Trapped(text) => ("trapped", text.clone()),
        Found::TimedOut => ("timed-out", String::new()),
        Found::Nothing(text) => ("no answer", text.clone()),
    }
}

/// What differs in what was refused on the way, and in the log.
pub(super) fn on_the_way(
    expect: &Expect,
    refused: &BTreeSet<(String, String)>,
    log: &[LogLine],
) -> Vec<Difference> {
    let found: BTreeSet<&str> = refused.iter().map(|(name, _)| name.as_str()).collect();
    let expected: BTreeSet<&str> = expect.denials.iter().map(String::as_str).collect();
    let mut differences = Vec::new();
    if found != expected {
        let list = |names: &BTreeSet<&str>| match names.len() {
            0 => "none".to_owned(),
            _ => names.iter().copied().collect::<Vec<_>>().join("\n"),
        };
        let mut difference = Difference::new("denials", list(&expected), list(&found));
        let unexpected = refused
            .iter()
            .filter(|(name, _)| !expected.contains(name.as_str()))
            .map(|(name, reason)| format!("{name}: {reason}"));
        let unexpected: Vec<String> = unexpected.collect();
        if !unexpected.is_empty() {
            difference = difference.hint(unexpected.join("\n"));
        }
        differences.push(difference);
    }
    differences.extend(missing_line(&expect.log, log));
    differences
}

/// The first expected line that is not there, after those before it.
fn missing_line(expected: &[ExpectedLine], log: &[LogLine]) -> Option<Difference> {
    let mut rest = log.iter();
    let missing = expected
        .iter()
        .position(|line| !rest.any(|found| line.is(found)))?;
    let found: Vec<String> = log.iter().map(worded_line).collect();
    let found = if found.is_empty() {
        "nothing was logged".to_owned()
    } else {
        found.join("\n")
    };
    let difference = Difference::new("log", expected[missing].worded(), found);
    Some(match missing.checked_sub(1) {
        None => difference,
        Some(before) => difference.hint(format!("after {}", expected[before].worded())),
    })
}

fn worded_line(line: &LogLine) -> String {
    let fields = line.fields.iter();
    let fields = fields.map(|(key, value)| format!(" {key}={}", worded_value(value)));
    let fields: String = fields.collect();
    format!("{}: {}{fields}", line.level.as_str(), line.message)
}

fn worded_value(value: &FieldValue) -> String {
    match value {
        FieldValue::Text(text) => format!("{text:?}"),
        FieldValue::Integer(number) => number.to_string(),
        FieldValue::Number(number) => number.to_string(),
        FieldValue::Boolean(flag) => flag.to_string(),
    }
}

impl ExpectedLine {
    fn is(&self, found: &LogLine) -> bool {
        self.level.is_none_or(|level| level == found.level)
            && self.message.is(&found.message)
            && self.fields.iter().all(|field| found.fields.contains(field))
    }

    fn worded(&self) -> String {
        let level = self.level.map_or("", |level| level.as_str());
        let fields = self.fields.iter();
        let fields = fields.map(|(key, value)| format!(" {key}={}", worded_value(value)));
        let fields: String = fields.collect();
        if level.is_empty() {
            format!("{}{fields}", self.message)
        } else {
            format!("{level}: {}{fields}", self.message)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::expect::Text;

    fn json(text: &str) -> Ending {
        Ending::Reply(Content::Json(serde_json::from_str(text).expect("JSON")))
    }

    #[test]
    fn the_form_of_json_does_not_count_and_its_values_do() {
        let found = Found::Reply(br#"{"b":2,  "a":1}"#.to_vec());
        assert_eq!(ending(&json(r#"{"a":1,"b":2}"#), &found), None);
        let difference = ending(&json(r#"{"a":1,"b":3}"#), &found).expect("it differs");
        assert_eq!(difference.what, "reply");
        assert_eq!(difference.expected, "{\n  \"a\": 1,\n  \"b\": 3\n}");
        assert_eq!(
            difference.found,
            "{\n  \"b\": 2,\n  \"a\": 1\n}"
                .replace("\"b\": 2,\n  \"a\": 1", "\"a\": 1,\n  \"b\": 2")
        );
    }

    #[test]
    fn another_kind_of_end_is_named() {
        let found = Found::Failed("no".to_owned());
        let difference =
            ending(&Ending::Denied(Text::Whole("no".to_owned())), &found).expect("it differs");
        assert_eq!(difference.what, "outcome");
        assert_eq!(difference.expected, "denied: no");
        assert_eq!(difference.found, "failed: no");
        assert!(ending(&Ending::Success, &found).is_some());
        assert_eq!(ending(&Ending::Success, &Found::Final(Vec::new())), None);
        for text in [Text::Any, Text::Part("o".to_owned())] {
            assert_eq!(ending(&Ending::Failed(text), &found), None);
        }
        assert!(ending(&Ending::Failed(Text::Part("x".to_owned())), &found).is_some());
    }

    #[test]
    fn refusals_are_expected_or_a_difference() {
        let refused = BTreeSet::from([("process:git".to_owned(), "because".to_owned())]);
        let expect = |denials: &[&str]| Expect {
            ending: Ending::Success,
            log: Vec::new(),
            denials: denials.iter().map(|&name| name.to_owned()).collect(),
        };
        assert_eq!(on_the_way(&expect(&["process:git"]), &refused, &[]), []);
        let unexpected = &on_the_way(&expect(&[]), &refused, &[])[0];
        assert_eq!(unexpected.hint.as_deref(), Some("process:git: because"));
        let missing = &on_the_way(&expect(&["process:git"]), &BTreeSet::new(), &[])[0];
        assert_eq!(
            (&*missing.expected, &*missing.found),
            ("process:git", "none")
        );
    }
}
