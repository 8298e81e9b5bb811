//! `boll:hook/hook`.

use super::lifecycle;
use crate::bindings::boll::hook::hook as host;
use crate::fault::{self, cut};

pub use host::{Answer, Ending, Error, Options, Outcome, Refusal, Verdict};

/// What a host that loses the rest of a large payload keeps.
const KEPT: usize = 65_536;

/// Asks the host.
///
/// # Errors
///
/// The host's.
pub fn trigger(topic: &str, payload: &[u8], options: Options) -> Result<Vec<Answer>, Error> {
    refused(topic, payload)?;
    let answers = host::trigger(topic, asked(payload), with(options));
    let mut answers = answers.map_err(wrong)?;
    if fault::is("answers-unsorted") {
        answers.reverse();
    }
    if fault::is("answers-first-only") {
        answers.truncate(1);
    }
    if fault::is("publisher-answers") {
        answers.push(Answer {
            capsule: "itself".to_owned(),
            action: String::new(),
            outcome: Outcome::Continue(None),
        });
    }
    for answer in &mut answers {
        if fault::is("answer-without-action") {
            answer.action.clear();
        }
        outcome(&mut answer.outcome);
    }
    Ok(answers)
}

/// Asks the host.
///
/// # Errors
///
/// The host's.
pub fn intercept(topic: &str, payload: &[u8], options: Options) -> Result<Verdict, Error> {
    refused(topic, payload)?;
    let verdict = host::intercept(topic, asked(payload), with(options));
    Ok(match verdict.map_err(wrong)? {
        Verdict::Passed(_) if fault::is("passed-unchanged") => Verdict::Passed(payload.to_vec()),
        Verdict::Passed(left) if fault::is("answer-cut") => {
            Verdict::Passed(cut(&left, KEPT).to_vec())
        }
        Verdict::Final(ending) if fault::is("ending-without-capsule") => Verdict::Final(Ending {
            capsule: String::new(),
            ..ending
        }),
        Verdict::Denied(refusal) if fault::is("refusal-without-reason") => {
            Verdict::Denied(Refusal {
                reason: String::new(),
                ..refusal
            })
        }
        verdict => verdict,
    })
}

fn asked(payload: &[u8]) -> &[u8] {
    match fault::is("payload-cut") {
        true => cut(payload, KEPT),
        false => payload,
    }
}

fn with(mut options: Options) -> Options {
    if fault::is("publisher-timeout-ignored") {
        options.timeout_ms = None;
    }
    options
}

/// What a host refuses that it has to do.
fn refused(topic: &str, payload: &[u8]) -> Result<(), Error> {
    if fault::is("chain-limit-low") && lifecycle::chain_seen() >= 7 {
        return Err(Error::TooDeep(8));
    }
    if fault::is("payload-limit-low") && payload.len() >= 1_000 {
        return Err(Error::TooLarge(1_000));
    }
    if fault::is("topic-short") && topic.len() > 128 {
        return Err(Error::InvalidTopic("too long".to_owned()));
    }
    if fault::is("topic-without-digits") && topic.contains(|one: char| one.is_ascii_digit()) {
        return Err(Error::InvalidTopic("a digit".to_owned()));
    }
    Ok(())
}

fn wrong(error: Error) -> Error {
    match error {
        Error::TooDeep(limit) if fault::is("too-deep-other-limit") => Error::TooDeep(limit + 1),
        Error::TooLarge(limit) if fault::is("payload-limit-untold") => Error::TooLarge(limit - 1),
        Error::Denied(mut denial) if fault::is("publish-denial-unnamed") => {
            denial.capability.clear();
            Error::Denied(denial)
        }
        error => error,
    }
}

fn outcome(outcome: &mut Outcome) {
    match outcome {
        Outcome::Continue(Some(payload)) | Outcome::Final(payload) if fault::is("answer-cut") => {
            payload.truncate(KEPT);
        }
        Outcome::Recursion if fault::is("recursion-is-busy") => *outcome = Outcome::Busy,
        Outcome::Busy if fault::is("busy-is-timed-out") => *outcome = Outcome::TimedOut,
        Outcome::TimedOut if fault::is("timed-out-is-crashed") => {
            *outcome = Outcome::Crashed("no reply".to_owned());
        }
        Outcome::Crashed(_) if fault::is("crashed-is-cancelled") => *outcome = Outcome::Cancelled,
        Outcome::Failed(_) if fault::is("failed-is-crashed") => {
            *outcome = Outcome::Crashed("failed".to_owned());
        }
        _ => {}
    }
}
