//! Hooks: published by the host and by capsules.

mod circles;
mod intercepting;
mod native;
mod nested;
mod triggering;

use boll_host::capsule::CapsuleId;
use boll_host::services::hook::{Answer, AnswerOutcome};
use boll_host::{CallOptions, Outcome};

use crate::bench::{Bench, Setup};

/// A capsule that is told of `topic` and answers with `action`.
pub(crate) fn subscriber(topic: &str, action: &str) -> Setup {
    subscribed(topic, action, "")
}

/// The same, with more in its `[[hook]]`.
pub(super) fn subscribed(topic: &str, action: &str, more: &str) -> Setup {
    let hook = format!("[[hook]]\ntopic = \"{topic}\"\naction = \"{action}\"\n{more}");
    Bench::setup()
        .manifest(&hook)
        .grant(&format!("subscribe:{topic}"))
}

/// A runtime with these capsules, each by its id.
pub(super) async fn with(capsules: &[(&str, Setup)]) -> Bench {
    let bench = Bench::plain().await;
    for (id, setup) in capsules {
        bench.also(setup, id).await.expect("loaded");
    }
    bench
}

pub(super) fn id(text: &str) -> CapsuleId {
    text.parse().expect("an id")
}

/// What the host gets when it publishes.
pub(super) async fn triggered(bench: &Bench, topic: &str, payload: &str) -> Vec<Answer> {
    let payload = payload.as_bytes().to_vec();
    let answers = bench
        .runtime
        .trigger(topic, payload, CallOptions::default());
    answers.await.expect("it is published")
}

/// The capsules that answered, in order.
pub(super) fn capsules(answers: &[Answer]) -> Vec<&str> {
    answers
        .iter()
        .map(|answer| answer.capsule.as_str())
        .collect()
}

/// An answer that goes on with this payload.
pub(super) fn goes_on(payload: &str) -> AnswerOutcome {
    AnswerOutcome::Answered(Outcome::Continue(Some(payload.into())))
}
