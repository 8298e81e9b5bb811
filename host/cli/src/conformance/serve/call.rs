//! Calls and their results, in the words of the protocol.

use std::time::Duration;

use boll_host::services::hook::{Answer, AnswerOutcome, PublishError, Verdict};
use boll_host::{CallError, CallOptions, InvokeError, Outcome};
use serde_json::{Value, json};

use crate::conformance::protocol::Call;

pub(super) fn options(call: Call) -> CallOptions {
    CallOptions {
        principal: call.principal.map(Into::into),
        call_id: call.call_id.map(Into::into),
        time: call.time_ms.map(Duration::from_millis),
    }
}

/// Returns the result that a guest reported for one of its cases.
pub(super) fn case(called: Result<Outcome, CallError>) -> Value {
    match called {
        Ok(Outcome::Continue(None)) => json!({"case": "passed"}),
        Ok(Outcome::Failed(text)) => match serde_json::from_str::<Value>(&text) {
            Ok(failure) => json!({
                "case": "failed",
                "step": failure["step"],
                "expected": failure["expected"],
                "found": failure["found"],
            }),
            Err(_) => reply(Ok(Outcome::Failed(text))),
        },
        other => reply(other),
    }
}

/// The end of a call for a reason that the protocol has no word for.
const UNKNOWN: &str = "unknown";

/// Returns the reply of an action.
pub(super) fn reply(called: Result<Outcome, CallError>) -> Value {
    match called {
        Ok(outcome) => said(outcome),
        Err(error) => {
            let ended = match &error {
                CallError::NotLoaded(_) => "not-loaded",
                CallError::NotReady { .. } => "not-ready",
                CallError::Busy(_) | CallError::Crowded(_) => "busy",
                CallError::ShuttingDown => "shutting-down",
                CallError::Invoke { error, .. } => match error {
                    InvokeError::TimedOut(_) => "timed-out",
                    InvokeError::Cancelled => "cancelled",
                    InvokeError::Limit { .. } | InvokeError::Full => "limit",
                    InvokeError::Trapped(_) => "trapped",
                    InvokeError::Folder(_) | InvokeError::Instantiate(_) => "not-started",
                    _ => UNKNOWN,
                },
                _ => UNKNOWN,
            };
            json!({"ended": ended, "reason": error.to_string()})
        }
    }
}

fn said(outcome: Outcome) -> Value {
    match outcome {
        Outcome::Continue(payload) => json!({"continue": payload.map(bytes)}),
        Outcome::Final(payload) => json!({"final": bytes(payload)}),
        Outcome::Deny(reason) => json!({"deny": reason}),
        Outcome::UnknownAction(action) => json!({"failed": {"unknown-action": action}}),
        Outcome::InvalidPayload(text) => json!({"failed": {"invalid-payload": text}}),
        Outcome::Failed(text) => json!({"failed": {"failed": text}}),
    }
}

/// Returns the answers to a trigger.
pub(super) fn answers(published: Result<Vec<Answer>, PublishError>) -> Value {
    match published {
        Ok(answers) => json!({"answers": answers.into_iter().map(answer).collect::<Vec<_>>()}),
        Err(error) => refused(&error),
    }
}

/// Returns the result of an interception.
pub(super) fn verdict(published: Result<Verdict, PublishError>) -> Value {
    match published {
        Ok(Verdict::Passed(payload)) => json!({"passed": bytes(payload)}),
        Ok(Verdict::Final { capsule, payload }) => {
            json!({"final": {"capsule": capsule.as_str(), "payload": bytes(payload)}})
        }
        Ok(Verdict::Denied { capsule, reason }) => {
            json!({"denied": {"capsule": capsule.as_str(), "reason": reason}})
        }
        Ok(Verdict::Stopped(stopped)) => json!({"stopped": answer(stopped)}),
        Err(error) => refused(&error),
    }
}

fn answer(answer: Answer) -> Value {
    let outcome = match answer.outcome {
        AnswerOutcome::Answered(outcome) => said(outcome),
        AnswerOutcome::Crashed(reason) => json!({"crashed": reason}),
        AnswerOutcome::TimedOut => json!("timed-out"),
        AnswerOutcome::Cancelled => json!("cancelled"),
        AnswerOutcome::Busy => json!("busy"),
        AnswerOutcome::Recursion => json!("recursion"),
    };
    json!({"capsule": answer.capsule.as_str(), "action": answer.action, "outcome": outcome})
}

fn refused(error: &PublishError) -> Value {
    let text = error.to_string();
    match error {
        PublishError::InvalidTopic(_) => json!({"error": {"invalid-topic": text}}),
        PublishError::TooLarge(limit) => json!({"error": {"too-large": limit}}),
        PublishError::TooDeep => json!({"error": {"too-deep": text}}),
        PublishError::Cancelled => json!({"error": "cancelled"}),
        PublishError::ShuttingDown => json!({"error": "shutting-down"}),
        _ => json!({"error": {(UNKNOWN): text}}),
    }
}

/// Returns bytes as text if they are UTF-8, otherwise as numbers.
fn bytes(bytes: Vec<u8>) -> Value {
    match String::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(error) => json!(error.into_bytes()),
    }
}
