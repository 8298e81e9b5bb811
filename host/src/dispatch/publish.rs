//! Hooks: from a topic to its subscribers, and back with their answers.

use std::sync::Arc;
use std::time::Duration;

use super::fan_out::{self, Job};
use super::subscribers::{Subscriber, Who};
use super::{Call, CallError, Dispatcher};
use crate::call::{CallScope, Caller, Source};
use crate::capsule::CapsuleId;
use crate::cause::with_causes;
use crate::instance::{Event, InvokeError};
use crate::policy::{AuthorizedTopic, OnFailure};
use crate::services::hook::{
    Answer, AnswerOutcome, MAX_DEPTH, Outcome, Publication, PublishError, Published, Publisher,
    Verdict,
};

impl Publisher for Dispatcher {
    fn trigger(self: Arc<Self>, from: Arc<CallScope>, what: Publication) -> Published<Vec<Answer>> {
        Box::pin(async move { self.ask_all(&below(&from)?, what).await })
    }

    fn intercept(self: Arc<Self>, from: Arc<CallScope>, what: Publication) -> Published<Verdict> {
        Box::pin(async move { self.ask_in_turn(&below(&from)?, what).await })
    }
}

/// The call that publishes, as those that it makes see it.
fn below(from: &CallScope) -> Result<Arc<Caller>, PublishError> {
    let waiting = from.chain().iter().chain([from.capsule()]);
    let chain: Arc<[CapsuleId]> = waiting.cloned().collect();
    if chain.len() > MAX_DEPTH {
        return Err(PublishError::TooDeep);
    }
    Ok(Arc::new(Caller {
        principal: from.origin.principal.clone(),
        call_id: from.origin.call_id.clone(),
        source: Source::Capsule(from.uuid),
        chain,
        first_is_called: from
            .caller
            .as_ref()
            .is_some_and(|caller| caller.first_is_called),
        until: from.deadline,
        cancel: from.cancel.clone(),
        running: from.running.clone(),
    }))
}

impl Dispatcher {
    /// Asks all subscribers at once.
    pub(crate) async fn ask_all(
        self: &Arc<Self>,
        from: &Arc<Caller>,
        what: Publication,
    ) -> Result<Vec<Answer>, PublishError> {
        self.check(from, &what)?;
        let subscribers = self.subscribers(what.topic.topic(), from);
        let event = Arc::new(event(&what.topic, what.payload));
        // A single one needs nobody's help.
        if let [one] = subscribers.as_slice() {
            let answer = self.ask(one, from, what.timeout, &event);
            return Ok(vec![from.running.track_future(answer).await]);
        }
        let jobs = subscribers.into_iter().enumerate();
        let jobs = jobs.map(|(index, subscriber)| {
            let (dispatcher, from, event) =
                (Arc::clone(self), Arc::clone(from), Arc::clone(&event));
            let running = from.running.clone();
            Box::pin(running.track_future(async move {
                let answer = dispatcher.ask(&subscriber, &from, what.timeout, &event);
                (index, answer.await)
            })) as Job<(usize, Answer)>
        });
        // Nobody stops them but the scheduler when it ends.
        let mut answers = fan_out::all(jobs.collect())
            .await
            .ok_or(PublishError::Cancelled)?;
        answers.sort_unstable_by_key(|(index, _)| *index);
        Ok(answers.into_iter().map(|(_, answer)| answer).collect())
    }

    /// Asks one subscriber after the other.
    pub(crate) async fn ask_in_turn(
        self: &Arc<Self>,
        from: &Arc<Caller>,
        what: Publication,
    ) -> Result<Verdict, PublishError> {
        self.check(from, &what)?;
        let mut event = event(&what.topic, what.payload);
        for subscriber in self.subscribers(what.topic.topic(), from) {
            let answer = self.ask(&subscriber, from, what.timeout, &event);
            let Answer {
                capsule,
                action,
                outcome,
            } = from.running.track_future(answer).await;
            match outcome {
                AnswerOutcome::Answered(Outcome::Continue(payload)) => {
                    event.payload = payload.unwrap_or(event.payload);
                }
                AnswerOutcome::Answered(Outcome::Final(payload)) => {
                    return Ok(Verdict::Final { capsule, payload });
                }
                AnswerOutcome::Answered(Outcome::Deny(reason)) => {
                    return Ok(Verdict::Denied { capsule, reason });
                }
                outcome => match subscriber.subscription.on_failure {
                    OnFailure::Continue => {}
                    OnFailure::Stop => {
                        return Ok(Verdict::Stopped(Answer {
                            capsule,
                            action,
                            outcome,
                        }));
                    }
                },
            }
        }
        Ok(Verdict::Passed(event.payload))
    }

    fn check(&self, from: &Caller, what: &Publication) -> Result<(), PublishError> {
        let limit = self.limits.hook_payload;
        if what.payload.len() as u64 > limit {
            return Err(PublishError::TooLarge(limit));
        }
        if from.cancel.is_cancelled() {
            return Err(PublishError::Cancelled);
        }
        Ok(())
    }

    async fn ask(
        self: &Arc<Self>,
        subscriber: &Subscriber,
        from: &Arc<Caller>,
        timeout: Option<Duration>,
        event: &Event,
    ) -> Answer {
        let Subscriber { who, subscription } = subscriber;
        let capsule = subscriber.id().clone();
        let outcome = match who {
            Who::Native(native) => self.ask_native(native, from, timeout, event).await,
            Who::Capsule { .. } if from.chain.contains(&capsule) => AnswerOutcome::Recursion,
            Who::Capsule { entry, hook, .. } => {
                self.audit_told(entry, hook, from, event);
                let own = subscription.timeout;
                let call = Call {
                    caller: Arc::clone(from),
                    time: Some(timeout.map_or(own, |timeout| timeout.min(own))),
                    cancel: from.cancel.child_token(),
                    reply: self.limits.hook_payload,
                };
                let answer = self.call(entry, call, &subscription.action, event).await;
                answer.map_or_else(AnswerOutcome::from, AnswerOutcome::Answered)
            }
        };
        Answer {
            capsule,
            action: subscription.action.clone(),
            outcome,
        }
    }
}

fn event(topic: &AuthorizedTopic, payload: Vec<u8>) -> Event {
    Event {
        topic: Some(topic.topic().to_string()),
        payload,
    }
}

impl From<CallError> for AnswerOutcome {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Busy(_) | CallError::Crowded(_) | CallError::Circle(_) => Self::Busy,
            CallError::NotLoaded(_) | CallError::ShuttingDown => Self::Cancelled,
            CallError::Invoke { error, .. } => match error {
                InvokeError::TimedOut(_) => Self::TimedOut,
                InvokeError::Cancelled => Self::Cancelled,
                // What it wrote to its standard error is its own, and the operator's.
                InvokeError::Trapped(trap) => Self::Crashed(trap.how()),
                error => Self::Crashed(with_causes(&error)),
            },
            error @ CallError::NotReady { .. } => Self::Crashed(error.to_string()),
        }
    }
}
