//! `boll:hook/hook`.

use std::sync::Arc;
use std::time::Duration;

use super::CallContext;
use crate::bindings::boll::hook::hook as wit;
use crate::bindings::boll::hook::types::{self, Failure};
use crate::policy::{Denial, Topic};
use crate::services::audit::Judgement;
use crate::services::hook::{
    Answer, AnswerOutcome, MAX_DEPTH, Outcome, Publication, PublishError, Verdict,
};

/// It has types only.
impl types::Host for CallContext {}

impl wit::Host for CallContext {
    async fn trigger(
        &mut self,
        topic: String,
        payload: Vec<u8>,
        options: wit::Options,
    ) -> Result<Vec<wit::Answer>, wit::Error> {
        let what = self.publication(&topic, payload, options)?;
        let publisher = Arc::clone(&self.publisher);
        let answers = publisher.trigger(Arc::clone(&self.scope), what).await?;
        Ok(answers.into_iter().map(wit::Answer::from).collect())
    }

    async fn intercept(
        &mut self,
        topic: String,
        payload: Vec<u8>,
        options: wit::Options,
    ) -> Result<wit::Verdict, wit::Error> {
        let what = self.publication(&topic, payload, options)?;
        let publisher = Arc::clone(&self.publisher);
        let verdict = publisher.intercept(Arc::clone(&self.scope), what).await?;
        Ok(verdict.into())
    }
}

impl CallContext {
    /// By the capsule's grants as they are now.
    fn publication(
        &self,
        topic: &str,
        payload: Vec<u8>,
        options: wit::Options,
    ) -> Result<Publication, wit::Error> {
        let topic: Topic = topic
            .parse()
            .map_err(|error| wit::Error::from(PublishError::InvalidTopic(error)))?;
        let capsule = self.current().ok_or(wit::Error::Cancelled)?;
        let decision = capsule.permissions().decide_publishing(topic);
        self.audit(|| Judgement::of(&decision, |topic| format!("publish:{}", topic.topic())));
        let denied = |denial: Denial| wit::Error::Denied(denial.into());
        let topic = decision.into_result().map_err(denied)?;
        Ok(Publication {
            topic,
            payload,
            timeout: options
                .timeout_ms
                .map(|ms| Duration::from_millis(ms.into())),
        })
    }
}

impl From<Answer> for wit::Answer {
    fn from(answer: Answer) -> Self {
        Self {
            capsule: answer.capsule.to_string(),
            action: answer.action,
            outcome: answer.outcome.into(),
        }
    }
}

impl From<AnswerOutcome> for wit::Outcome {
    fn from(outcome: AnswerOutcome) -> Self {
        match outcome {
            AnswerOutcome::Answered(Outcome::Continue(payload)) => Self::Continue(payload),
            AnswerOutcome::Answered(Outcome::Final(payload)) => Self::Final(payload),
            AnswerOutcome::Answered(Outcome::Deny(reason)) => Self::Deny(reason),
            AnswerOutcome::Answered(Outcome::UnknownAction(action)) => {
                Self::Failed(Failure::UnknownAction(action))
            }
            AnswerOutcome::Answered(Outcome::InvalidPayload(reason)) => {
                Self::Failed(Failure::InvalidPayload(reason))
            }
            AnswerOutcome::Answered(Outcome::Failed(reason)) => {
                Self::Failed(Failure::Failed(reason))
            }
            AnswerOutcome::Crashed(reason) => Self::Crashed(reason),
            AnswerOutcome::TimedOut => Self::TimedOut,
            AnswerOutcome::Cancelled => Self::Cancelled,
            AnswerOutcome::Busy => Self::Busy,
            AnswerOutcome::Recursion => Self::Recursion,
        }
    }
}

impl From<Verdict> for wit::Verdict {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Passed(payload) => Self::Passed(payload),
            Verdict::Final { capsule, payload } => Self::Final(wit::Ending {
                capsule: capsule.to_string(),
                payload,
            }),
            Verdict::Denied { capsule, reason } => Self::Denied(wit::Refusal {
                capsule: capsule.to_string(),
                reason,
            }),
            Verdict::Stopped(answer) => Self::Stopped(answer.into()),
        }
    }
}

impl From<PublishError> for wit::Error {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::InvalidTopic(error) => Self::InvalidTopic(error.to_string()),
            PublishError::TooLarge(limit) => Self::TooLarge(limit),
            PublishError::TooDeep => Self::TooDeep(MAX_DEPTH as u32),
            PublishError::Cancelled | PublishError::ShuttingDown => Self::Cancelled,
        }
    }
}
