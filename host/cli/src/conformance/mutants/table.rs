//! The faults that are tried, and those in what a host is asked, answers and logs.

use serde_json::{Value, json};

use super::change::Change;
use super::{Fault, fault, guest, loads, settings};
use crate::conformance::protocol::Operation;

/// All faults.
pub(super) fn all() -> impl Iterator<Item = &'static Fault> {
    let all = guest::FAULTS.iter().chain(settings::FAULTS);
    all.chain(loads::FAULTS).chain(CALLS).chain(LINES)
}

/// What the host is asked for later.
static CALLS: &[Fault] = &[
    fault(
        "grants-kept",
        "capability",
        "what was granted first is kept when the grants are replaced",
        Change::Skipped(|operation| match operation {
            Operation::Grant { .. } => Some(json!({"granted": true})),
            _ => None,
        }),
    ),
    fault(
        "grant-not-taken-back",
        "process-workspace",
        "a grant that is taken back is in force still",
        Change::Granted(|grants| grants.push("workspace:write".to_owned())),
    ),
    fault(
        "unload-ignored",
        "lifecycle-run",
        "a capsule is not unloaded",
        Change::Skipped(|operation| match operation {
            Operation::Unload { .. } => Some(json!({"unloaded": true})),
            _ => None,
        }),
    ),
    fault(
        "cancel-ignored",
        "child-detach",
        "cancelling a call does not end what it started",
        Change::Skipped(|operation| match operation {
            Operation::Cancel { .. } => Some(json!({"cancelled": 1})),
            _ => None,
        }),
    ),
    fault(
        "end-of-host-leaves-processes",
        "child-detach",
        "a detached child goes on when the host stops",
        Change::Skipped(|operation| match operation {
            Operation::Close => Some(json!({})),
            _ => None,
        }),
    ),
    fault(
        "call-time-leaves-processes",
        "child-ends",
        "a process goes on after the time of its call",
        Change::Unended(|call| {
            let ends = call.call_id.is_some() && call.time_ms.is_some();
            ends.then(|| json!({"ended": "timed-out", "reason": "its time"}))
        }),
    ),
    fault(
        "subscriber-outlives-publisher",
        "hook-time",
        "a subscriber goes on after the time of its publisher",
        Change::Unended(|call| {
            let ends = call.call_id.is_some() && call.time_ms.is_some();
            ends.then(|| json!({"ended": "timed-out", "reason": "its time"}))
        }),
    ),
    fault(
        "principal-lost",
        "lifecycle-caller",
        "the principal of a call is lost",
        Change::Called(|called| called.call.principal = None),
    ),
    fault(
        "principals-mixed",
        "child-detach",
        "the children of one principal are another's",
        Change::Called(|called| called.call.principal = Some("everybody".to_owned())),
    ),
    fault(
        "call-id-lost",
        "lifecycle-caller",
        "the id of a call is lost",
        Change::Called(|called| called.call.call_id = None),
    ),
    fault(
        "caller-time-ignored",
        "call-time",
        "the time that the caller sets is ignored",
        Change::Called(|called| called.call.time_ms = None),
    ),
    fault(
        "call-payload-cut",
        "handler",
        "the end of a payload is lost",
        Change::Called(|called| {
            if let Some(payload) = &mut called.payload {
                payload.pop();
            }
        }),
    ),
    fault(
        "reply-cut",
        "hook-large",
        "a large reply of a handler is cut",
        Change::Answered("invoke", |answer| {
            if let Some(Value::String(text)) = answer.get_mut("final") {
                text.truncate(65_536);
            }
        }),
    ),
    fault(
        "continue-is-final",
        "handler",
        "a handler that goes on is reported as done",
        Change::Answered("invoke", |answer| {
            if let Some(answer) = answer.as_object_mut()
                && let Some(payload) = answer.remove("continue")
            {
                answer.insert("final".to_owned(), payload);
            }
        }),
    ),
    fault(
        "deny-is-passed",
        "handler-topic",
        "a handler that denies is passed over",
        Change::Answered("intercept", |answer| {
            if answer.get("denied").is_some() {
                *answer = json!({"passed": "not this"});
            }
        }),
    ),
    fault(
        "refusal-is-loaded",
        "lifecycle-upgrade",
        "a capsule that refuses its upgrade is reported as loaded",
        Change::Answered("load", |answer| {
            if answer.get("refused").is_some() {
                *answer = json!({"loaded": "lifecycle-upgrade"});
            }
        }),
    ),
    fault(
        "host-held-scope-empty",
        "capability",
        "the host lists grants without what they are limited to",
        Change::Answered("held", |answer| {
            let held = answer.get_mut("held").and_then(Value::as_array_mut);
            for grant in held.into_iter().flatten() {
                grant["scope"] = json!("");
            }
        }),
    ),
];

/// What the log says.
static LINES: &[Fault] = &[
    fault(
        "log-principal-lost",
        "log-emit",
        "a line of the log does not have the principal",
        Change::Logged(|line| {
            line.remove("principal");
            true
        }),
    ),
    fault(
        "log-call-id-lost",
        "log-emit",
        "a line of the log does not have the call id",
        Change::Logged(|line| {
            line.remove("call-id");
            true
        }),
    ),
    fault(
        "log-capsule-forged",
        "log-emit",
        "a capsule sets whose a line is",
        Change::Logged(|line| {
            if let Some(forged) = line.get("fields").and_then(|fields| fields.get("capsule")) {
                let forged = forged.clone();
                line.insert("capsule".to_owned(), forged);
            }
            true
        }),
    ),
    fault(
        "log-level-changed",
        "log-emit",
        "every line has the same level",
        Change::Logged(|line| {
            line.insert("level".to_owned(), json!("info"));
            true
        }),
    ),
    fault(
        "log-message-cut",
        "log-emit",
        "a long message is cut",
        Change::Logged(|line| {
            if let Some(Value::String(message)) = line.get_mut("message") {
                message.truncate(1_000);
            }
            true
        }),
    ),
    fault(
        "log-output-lost",
        "process-run",
        "the output of a process is not logged",
        Change::Logged(|line| line.get("source") != Some(&json!("stdout"))),
    ),
    fault(
        "log-child-unnamed",
        "process-run",
        "a line does not name the process that wrote it",
        Change::Logged(|line| {
            line.remove("child");
            true
        }),
    ),
];
