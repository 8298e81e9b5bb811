//! `boll trigger`: publishes to a topic, and prints what the subscribers say.

use std::path::PathBuf;

use boll_host::Outcome;
use boll_host::services::hook::{Answer, AnswerOutcome, Verdict};
use clap::Args;
use serde::Serialize;

use super::{Verb, several};
use crate::args::{App, CallArgs, HostArgs};
use crate::complete;
use crate::failure::{Code, Done, Failure};
use crate::host::setup::set_up;
use crate::payload::{self, Shown};
use crate::report;

/// Publish to a topic, and print the replies of its subscribers
#[derive(Debug, Args)]
pub(crate) struct Trigger {
    /// The topic, for example git.commit.before
    #[arg(add = complete::topic_to_trigger())]
    topic: String,

    /// The capsules' folders, or their Capsule.toml
    #[arg(required = true, add = complete::capsule())]
    capsules: Vec<PathBuf>,

    /// Pass the payload from one subscriber to the next, in order, and print the result
    #[arg(long)]
    intercept: bool,

    #[command(flatten)]
    call: CallArgs,

    #[command(flatten)]
    host: HostArgs,
}

impl Verb for Trigger {
    fn host(&self) -> Option<&HostArgs> {
        Some(&self.host)
    }

    fn run(&self, app: &App) -> Done {
        let mut operator = app.operator()?;
        let payload = payload::read(&self.call)?;
        let capsules = several(&self.capsules)?;
        let host = set_up(capsules, &mut operator, &self.host, &[], &app.reporter)?;
        let (topic, options) = (&self.topic, self.call.options());
        if self.intercept {
            let verdict = host
                .run(async |runtime, _| Ok(runtime.intercept(topic, payload, options).await?))?;
            print_verdict(verdict, app, self.call.raw)
        } else {
            let answers =
                host.run(async |runtime, _| Ok(runtime.trigger(topic, payload, options).await?))?;
            print_answers(&answers, app)?;
            require_success(&answers)
        }
    }
}

fn print_answers(answers: &[Answer], app: &App) -> Done {
    let mut lines: Vec<String> = answers.iter().map(line).collect();
    if lines.is_empty() {
        lines.push("nobody subscribes to it".to_owned());
    }
    let answers = answers.iter().map(Answered::of).collect();
    app.result(lines.join("\n"), &Answers { answers })
}

/// Returns an answer in a line.
fn line(answer: &Answer) -> String {
    let (name, text) = described(&answer.outcome);
    let line = format!("{} {}: {name} {text}", answer.capsule, answer.action);
    line.trim_end().to_owned()
}

/// Fails if a subscriber did. A capsule's own failure counts before a limit.
fn require_success(answers: &[Answer]) -> Done {
    let failed: Vec<&Answer> = answers
        .iter()
        .filter(|answer| code(&answer.outcome).is_some())
        .collect();
    let codes = failed.iter().filter_map(|answer| code(&answer.outcome));
    let Some(code) = codes.min_by_key(|code| *code as u8) else {
        return Ok(());
    };
    let lines: Vec<String> = failed.iter().map(|answer| line(answer)).collect();
    let (count, all) = (failed.len(), answers.len());
    let text = format!("{count} of {all} subscribers failed: {}", lines.join("; "));
    Err(Failure::new(code, text))
}

/// Returns the exit code for an outcome that is no reply.
fn code(outcome: &AnswerOutcome) -> Option<Code> {
    match outcome {
        AnswerOutcome::Answered(Outcome::Continue(_) | Outcome::Final(_)) => None,
        AnswerOutcome::Answered(_) | AnswerOutcome::Crashed(_) | AnswerOutcome::Recursion => {
            Some(Code::Capsule)
        }
        AnswerOutcome::TimedOut | AnswerOutcome::Busy => Some(Code::Limit),
        AnswerOutcome::Cancelled => Some(Code::Interrupted),
    }
}

/// The payload that is left is the result; whatever stopped it is a failure.
fn print_verdict(verdict: Verdict, app: &App, raw: bool) -> Done {
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
            let code = code(&answer.outcome).unwrap_or(Code::Capsule);
            return Err(Failure::new(code, text.trim_end()));
        }
    };
    if !app.is_json() {
        return report::reply(&payload, raw);
    }
    report::json(&Left {
        verdict: name,
        capsule: capsule.map(|capsule| capsule.to_string()),
        payload: Shown::of(&payload),
    })
}

/// What is left of an intercepted payload, as JSON.
#[derive(Serialize)]
struct Left {
    verdict: &'static str,
    capsule: Option<String>,
    #[serde(flatten)]
    payload: Shown,
}

/// The answers, as JSON.
#[derive(Serialize)]
struct Answers<'a> {
    answers: Vec<Answered<'a>>,
}

#[derive(Serialize)]
struct Answered<'a> {
    capsule: String,
    action: &'a str,
    outcome: &'static str,
    #[serde(flatten)]
    payload: Shown,
    reason: Option<String>,
}

impl<'a> Answered<'a> {
    fn of(answer: &'a Answer) -> Self {
        let (outcome, text) = described(&answer.outcome);
        let payload = match &answer.outcome {
            AnswerOutcome::Answered(Outcome::Continue(payload)) => payload.as_deref(),
            AnswerOutcome::Answered(Outcome::Final(payload)) => Some(payload.as_slice()),
            _ => None,
        };
        Self {
            capsule: answer.capsule.to_string(),
            action: &answer.action,
            outcome,
            payload: Shown::of(payload.unwrap_or_default()),
            reason: (payload.is_none() && !text.is_empty()).then_some(text),
        }
    }
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
