//! Actions that publish, and answer with all that came of it; and one that
//! leaves its mark on what passes through it.
//!
//! | what came | the answer |
//! |---|---|
//! | answers | `{"answers": [..]}` |
//! | a verdict | `{"verdict": "passed", "payload": ..}`, `{"verdict": "final", "capsule": .., "payload": ..}`, `{"verdict": "denied", "capsule": .., "reason": ..}`, `{"verdict": "stopped", "answer": ..}` |
//! | a denial | `{"error": "denied", "capability": .., "reason": ..}` |
//! | an error with a text | `{"error": "invalid-topic", "text": ..}` |
//! | an error with a limit | `{"error": "too-large", "limit": ..}` |
//!
//! An answer has `capsule`, `action`, `outcome` and `payload`, which may be
//! `null`. Where there is a reason, it is in `reason`; `failed` also has the
//! `failure`. Names are WIT's own, and payloads are texts.

use boll_sdk::hook::{Answer, Error, Outcome, Publish, Verdict};
use boll_sdk::{Failure, Reply, config};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// What to publish.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publication {
    topic: String,
    #[serde(default)]
    payload: String,
    timeout_ms: Option<u64>,
}

impl Publication {
    pub(crate) fn publish(self) -> Publish {
        let publish = Publish::to(self.topic).bytes(self.payload);
        match self.timeout_ms {
            None => publish,
            Some(ms) => publish.timeout(Duration::from_millis(ms)),
        }
    }
}

pub(crate) fn trigger(publish: &Publish) -> Value {
    match publish.trigger() {
        Ok(answers) => json!({ "answers": answers.iter().map(answer).collect::<Vec<_>>() }),
        Err(error) => refusal(&error),
    }
}

pub(crate) fn intercept(publish: &Publish) -> Value {
    match publish.intercept() {
        Ok(Verdict::Passed(payload)) => json!({ "verdict": "passed", "payload": text(&payload) }),
        Ok(Verdict::Final { capsule, payload }) => {
            json!({ "verdict": "final", "capsule": capsule, "payload": text(&payload) })
        }
        Ok(Verdict::Denied { capsule, reason }) => {
            json!({ "verdict": "denied", "capsule": capsule, "reason": reason })
        }
        Ok(Verdict::Stopped(by)) => json!({ "verdict": "stopped", "answer": answer(&by) }),
        Err(error) => refusal(&error),
    }
}

pub(crate) fn relay(topics: &str) -> Value {
    let (topic, rest) = topics.split_once(' ').unwrap_or((topics, ""));
    trigger(&Publish::to(topic).bytes(rest))
}

pub(crate) fn append(mut payload: Vec<u8>) -> Result<Reply, Failure> {
    let name = match config::get::<String>("name") {
        Ok(name) => name,
        Err(config::Error::Undeclared(_)) => None,
        Err(error) => return Err(error.into()),
    };
    payload.push(b'+');
    payload.extend(name.unwrap_or_default().into_bytes());
    Ok(Reply::bytes(payload))
}

fn answer(answer: &Answer) -> Value {
    let payload = answer.outcome.payload().map(text);
    let mut value = json!({
        "capsule": answer.capsule,
        "action": answer.action,
        "payload": payload,
    });
    let (name, reason) = match &answer.outcome {
        Outcome::Continue(_) => ("continue", None),
        Outcome::Final(_) => ("final", None),
        Outcome::Deny(reason) => ("deny", Some(reason)),
        Outcome::Failed(failure) => {
            let (name, text) = match failure {
                Failure::UnknownAction(text) => ("unknown-action", text),
                Failure::InvalidPayload(text) => ("invalid-payload", text),
                Failure::Failed(text) => ("failed", text),
            };
            value["failure"] = json!(name);
            ("failed", Some(text))
        }
        Outcome::Crashed(reason) => ("crashed", Some(reason)),
        Outcome::TimedOut => ("timed-out", None),
        Outcome::Cancelled => ("cancelled", None),
        Outcome::Busy => ("busy", None),
        Outcome::Recursion => ("recursion", None),
    };
    value["outcome"] = json!(name);
    if let Some(reason) = reason {
        value["reason"] = json!(reason);
    }
    value
}

fn refusal(error: &Error) -> Value {
    match error {
        Error::Denied { capability, reason } => {
            json!({ "error": "denied", "capability": capability, "reason": reason })
        }
        Error::InvalidTopic(text) => json!({ "error": "invalid-topic", "text": text }),
        Error::TooLarge(limit) => json!({ "error": "too-large", "limit": limit }),
        Error::TooDeep(limit) => json!({ "error": "too-deep", "limit": limit }),
        Error::Cancelled => json!({ "error": "cancelled" }),
        unknown => json!({ "error": "unknown", "text": unknown.to_string() }),
    }
}

fn text(payload: &[u8]) -> String {
    String::from_utf8_lossy(payload).into_owned()
}
