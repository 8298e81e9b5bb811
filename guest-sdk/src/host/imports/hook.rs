//! Calls to `boll:hook/hook`.

use super::process::milliseconds;
use crate::Failure;
use crate::bindings::boll::hook::hook as raw;
use crate::bindings::boll::hook::types;
use crate::hook::{Answer, Error, Outcome, Publish, Verdict};

pub(crate) fn trigger(publish: &Publish) -> Result<Vec<Answer>, Error> {
    let answers = raw::trigger(publish.get_topic(), publish.get_payload(), options(publish))
        .map_err(error)?;
    Ok(answers.into_iter().map(answer).collect())
}

pub(crate) fn intercept(publish: &Publish) -> Result<Verdict, Error> {
    let verdict = raw::intercept(publish.get_topic(), publish.get_payload(), options(publish))
        .map_err(error)?;
    Ok(match verdict {
        raw::Verdict::Passed(payload) => Verdict::Passed(payload),
        raw::Verdict::Final(ending) => Verdict::Final {
            capsule: ending.capsule,
            payload: ending.payload,
        },
        raw::Verdict::Denied(refusal) => Verdict::Denied {
            capsule: refusal.capsule,
            reason: refusal.reason,
        },
        raw::Verdict::Stopped(stopped) => Verdict::Stopped(answer(stopped)),
    })
}

/// A timeout of more milliseconds than there are numbers for is the longest.
fn options(publish: &Publish) -> raw::Options {
    let timeout = publish.get_timeout().map(milliseconds);
    raw::Options {
        timeout_ms: timeout.map(|ms| u32::try_from(ms).unwrap_or(u32::MAX)),
    }
}

fn answer(answer: raw::Answer) -> Answer {
    Answer {
        capsule: answer.capsule,
        action: answer.action,
        outcome: match answer.outcome {
            raw::Outcome::Continue(payload) => Outcome::Continue(payload),
            raw::Outcome::Final(payload) => Outcome::Final(payload),
            raw::Outcome::Deny(reason) => Outcome::Deny(reason),
            raw::Outcome::Failed(failure) => Outcome::Failed(match failure {
                types::Failure::UnknownAction(name) => Failure::UnknownAction(name),
                types::Failure::InvalidPayload(text) => Failure::InvalidPayload(text),
                types::Failure::Failed(text) => Failure::Failed(text),
            }),
            raw::Outcome::Crashed(reason) => Outcome::Crashed(reason),
            raw::Outcome::TimedOut => Outcome::TimedOut,
            raw::Outcome::Cancelled => Outcome::Cancelled,
            raw::Outcome::Busy => Outcome::Busy,
            raw::Outcome::Recursion => Outcome::Recursion,
        },
    }
}

fn error(error: raw::Error) -> Error {
    match error {
        raw::Error::Denied(denial) => Error::Denied {
            capability: denial.capability,
            reason: denial.reason,
        },
        raw::Error::InvalidTopic(text) => Error::InvalidTopic(text),
        raw::Error::TooLarge(limit) => Error::TooLarge(limit),
        raw::Error::TooDeep(limit) => Error::TooDeep(limit),
        raw::Error::Cancelled => Error::Cancelled,
    }
}
