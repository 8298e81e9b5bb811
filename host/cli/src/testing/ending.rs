//! The end of a call: the expected one, the one that was found, and the difference.

use boll_host::{CallError, InvokeError, Outcome};
use serde_json::Value;

use super::content::{Content, shown};
use super::difference::Difference;
use crate::cases::pattern::Pattern;

/// A way in which a call ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Reply,
    Final,
    Denied,
    Failed,
    InvalidPayload,
    UnknownAction,
    Trapped,
    TimedOut,
    /// There was no call, or it had no end.
    NoAnswer,
}

impl Way {
    fn name(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Final => "final",
            Self::Denied => "denied",
            Self::Failed => "failed",
            Self::InvalidPayload => "invalid-payload",
            Self::UnknownAction => "unknown-action",
            Self::Trapped => "trapped",
            Self::TimedOut => "timed-out",
            Self::NoAnswer => "no answer",
        }
    }
}

/// The end that is expected.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ExpectedEnd {
    pub(super) way: Way,
    pub(super) with: With,
}

/// The expected payload or reason.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum With {
    Nothing,
    Payload(Content),
    Reason(Pattern),
}

/// The end that was found, and the payload or reason that came with it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    way: Way,
    said: Vec<u8>,
}

impl Found {
    pub(super) fn new(way: Way, said: impl Into<Vec<u8>>) -> Self {
        let said = said.into();
        Self { way, said }
    }

    /// There was no call, or it had no end.
    pub(super) fn nothing(why: impl Into<Vec<u8>>) -> Self {
        Self::new(Way::NoAnswer, why)
    }
}

impl From<Outcome> for Found {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Continue(payload) => Self::new(Way::Reply, payload.unwrap_or_default()),
            Outcome::Final(payload) => Self::new(Way::Final, payload),
            Outcome::Deny(reason) => Self::new(Way::Denied, reason),
            Outcome::UnknownAction(action) => Self::new(Way::UnknownAction, action),
            Outcome::InvalidPayload(reason) => Self::new(Way::InvalidPayload, reason),
            Outcome::Failed(reason) => Self::new(Way::Failed, reason),
        }
    }
}

impl From<CallError> for Found {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Invoke {
                error: InvokeError::Trapped(trap),
                ..
            } => Self::new(Way::Trapped, trap.reason),
            CallError::Invoke {
                error: InvokeError::TimedOut(_),
                ..
            } => Self::new(Way::TimedOut, ""),
            error => Self::nothing(error.to_string()),
        }
    }
}

/// Returns the difference, if there is one. Without an expected end, any reply will do.
pub(super) fn difference(expected: Option<&ExpectedEnd>, found: &Found) -> Option<Difference> {
    let Some(ExpectedEnd { way, with }) = expected else {
        return (!matches!(found.way, Way::Reply | Way::Final)).then(|| {
            let text = worded(found.way.name(), &shown(&found.said));
            Difference::new("outcome", "a reply", text)
        });
    };
    let is_it = match with {
        With::Nothing => true,
        With::Payload(content) => content.is(&found.said),
        With::Reason(pattern) => pattern.matches(&Value::from(shown(&found.said))),
    };
    if *way == found.way && is_it {
        return None;
    }
    let (wanted, said) = match with {
        With::Nothing => (String::new(), shown(&found.said)),
        With::Payload(content) => (content.text(), content.text_of(&found.said)),
        With::Reason(pattern) => (pattern.to_string(), shown(&found.said)),
    };
    Some(if *way == found.way {
        Difference::new(way.name(), wanted, said)
    } else {
        let wanted = worded(way.name(), &wanted);
        Difference::new("outcome", wanted, worded(found.way.name(), &said))
    })
}

fn worded(way: &str, text: &str) -> String {
    if text.is_empty() {
        way.to_owned()
    } else {
        format!("{way}: {text}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reply(json: &str) -> ExpectedEnd {
        ExpectedEnd {
            way: Way::Reply,
            with: With::Payload(Content::Json(serde_json::from_str(json).expect("JSON"))),
        }
    }

    fn reason(way: Way, pattern: Value) -> ExpectedEnd {
        ExpectedEnd {
            way,
            with: With::Reason(Pattern::of(pattern)),
        }
    }

    #[test]
    fn the_form_of_json_does_not_count_and_its_values_do() {
        let found = Found::new(Way::Reply, r#"{"b":2,  "a":1}"#);
        assert_eq!(difference(Some(&reply(r#"{"a":1,"b":2}"#)), &found), None);
        let other = difference(Some(&reply(r#"{"a":1,"b":3}"#)), &found).expect("it differs");
        assert_eq!(other.what, "reply");
        assert_eq!(other.expected, "{\n  \"a\": 1,\n  \"b\": 3\n}");
        assert_eq!(other.found, "{\n  \"a\": 1,\n  \"b\": 2\n}");
    }

    #[test]
    fn another_kind_of_end_is_named() {
        let found = Found::new(Way::Failed, "no");
        let denied = reason(Way::Denied, json!("no"));
        let other = difference(Some(&denied), &found).expect("it differs");
        assert_eq!(other.what, "outcome");
        assert_eq!(other.expected, "denied: no");
        assert_eq!(other.found, "failed: no");
        assert!(difference(None, &found).is_some());
        assert_eq!(difference(None, &Found::new(Way::Final, "")), None);
        for pattern in [json!({"$any": true}), json!({"$contains": "o"})] {
            assert_eq!(
                difference(Some(&reason(Way::Failed, pattern)), &found),
                None
            );
        }
        let part = reason(Way::Failed, json!({"$contains": "x"}));
        assert!(difference(Some(&part), &found).is_some());
    }
}
