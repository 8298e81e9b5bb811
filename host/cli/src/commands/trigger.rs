//! `boll trigger`: publishes to a topic, and prints what the subscribers say.

use boll_host::Outcome;
use boll_host::services::hook::{Answer, AnswerOutcome, Verdict};
use serde_json::json;

use super::several;
use crate::args::{Arguments, Trigger};
use crate::failure::{Code, Done, Failure};
use crate::host::setup::{Around, Setup};
use crate::operator::Operator;
use crate::output::Output;
use crate::payload;
use crate::report::{self, reporter::Reporter};

pub(crate) fn run(trigger: &Trigger, arguments: &Arguments, reporter: &Reporter) -> Done {
    let mut operator = Operator::read(arguments.policy.as_deref(), &arguments.expose)?;
    let payload = payload::read(&trigger.call)?;
    let around = Around {
        operator: &mut operator,
        host: &trigger.host,
        config: &[],
        reporter,
    };
    let host = Setup::prepare(several(&trigger.capsules)?, around)?
        .ask()?
        .build()?;
    let (topic, options) = (&trigger.topic, trigger.call.options());
    if trigger.intercept {
        let verdict =
            host.run(async |runtime, _| Ok(runtime.intercept(topic, payload, options).await?))?;
        print_verdict(verdict, arguments.output, trigger.call.raw)
    } else {
        let answers =
            host.run(async |runtime, _| Ok(runtime.trigger(topic, payload, options).await?))?;
        print_answers(&answers, arguments.output)
    }
}

fn print_answers(answers: &[Answer], output: Output) -> Done {
    match output {
        Output::Json => {
            let answers: Vec<_> = answers.iter().map(answer_json).collect();
            report::json(&json!({ "answers": answers }))
        }
        Output::Text if answers.is_empty() => report::result(b"nobody subscribes to it"),
        Output::Text => {
            let lines: Vec<String> = answers
                .iter()
                .map(|answer| {
                    let (name, text) = described(&answer.outcome);
                    let line = format!("{} {}: {name} {text}", answer.capsule, answer.action);
                    line.trim_end().to_owned()
                })
                .collect();
            report::result(lines.join("\n").as_bytes())
        }
    }
}

/// The payload that is left is the result; whatever stopped it is a failure.
fn print_verdict(verdict: Verdict, output: Output, raw: bool) -> Done {
    let (name, capsule, payload) = match verdict {
        Verdict::Passed(payload) => ("passed", None, payload),
        Verdict::Final { capsule, payload } => ("final", Some(capsule), payload),
        Verdict::Denied { capsule, reason } => {
            let text = format!("{capsule} denied: {}", reason.escape_debug());
            return Err(Failure::new(Code::Capsule, text));
        }
        Verdict::Stopped(answer) => {
            let (name, text) = described(&answer.outcome);
            let text = format!("{} stopped it: {name} {text}", answer.capsule);
            return Err(Failure::new(Code::Capsule, text.trim_end()));
        }
    };
    match output {
        Output::Text => report::reply(&payload, raw),
        Output::Json => report::json(&json!({
            "verdict": name,
            "capsule": capsule.map(|capsule| capsule.to_string()),
            "payload": payload::json(&payload),
        })),
    }
}

fn answer_json(answer: &Answer) -> serde_json::Value {
    let (name, text) = described(&answer.outcome);
    let payload = match &answer.outcome {
        AnswerOutcome::Answered(Outcome::Continue(payload)) => payload.as_deref(),
        AnswerOutcome::Answered(Outcome::Final(payload)) => Some(payload.as_slice()),
        _ => None,
    };
    json!({
        "capsule": answer.capsule.to_string(),
        "action": answer.action,
        "outcome": name,
        "payload": payload.map(payload::json),
        "reason": if payload.is_none() && !text.is_empty() { Some(text) } else { None },
    })
}

/// An outcome's name, and what there is beside it, as one line.
fn described(outcome: &AnswerOutcome) -> (&'static str, String) {
    let line = |text: &str| text.escape_debug().to_string();
    let shown = |payload: &[u8]| line(&String::from_utf8_lossy(payload));
    match outcome {
        AnswerOutcome::Answered(Outcome::Continue(payload)) => (
            "continue",
            payload.as_deref().map(shown).unwrap_or_default(),
        ),
        AnswerOutcome::Answered(Outcome::Final(payload)) => ("final", shown(payload)),
        AnswerOutcome::Answered(Outcome::Deny(reason)) => ("deny", line(reason)),
        AnswerOutcome::Answered(Outcome::UnknownAction(action)) => {
            ("failed", format!("it knows no action `{}`", line(action)))
        }
        AnswerOutcome::Answered(Outcome::InvalidPayload(reason) | Outcome::Failed(reason)) => {
            ("failed", line(reason))
        }
        AnswerOutcome::Crashed(reason) => ("crashed", line(reason)),
        AnswerOutcome::TimedOut => ("timed-out", String::new()),
        AnswerOutcome::Cancelled => ("cancelled", String::new()),
        AnswerOutcome::Busy => ("busy", String::new()),
        AnswerOutcome::Recursion => ("recursion", String::new()),
    }
}
