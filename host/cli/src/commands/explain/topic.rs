//! `boll explain CAPSULE publish` and `subscribe`: the use of a topic.

use boll_host::policy::{self, Decision, DenialReason};
use clap::Args;
use serde_json::json;

use super::{Subject, Use};
use crate::complete;
use crate::failure::{Code, Done, OrFail as _};

/// `boll explain CAPSULE publish` and `subscribe`.
#[derive(Debug, Args)]
pub(super) struct Topic {
    /// The topic
    #[arg(add = complete::topic())]
    topic: String,
}

impl Topic {
    pub(super) fn explain_publishing<'a>(&self, open: impl FnOnce() -> Done<Subject<'a>>) -> Done {
        let (topic, subject) = (self.parse()?, open()?);
        let decision = subject.permissions().decide_publishing(topic);
        let asking = format!("[[publish]]\ntopic = \"{}\"", self.topic);
        self.conclude(&subject, &decision, "publish", &asking, |request| {
            (None, request.topic.to_string())
        })
    }

    pub(super) fn explain_subscribing<'a>(&self, open: impl FnOnce() -> Done<Subject<'a>>) -> Done {
        let (topic, subject) = (self.parse()?, open()?);
        let decision = subject.permissions().decide_subscribing(&topic);
        let asking = format!("[[hook]]\ntopic = \"{topic}\"\naction = \"ACTION\"");
        self.conclude(&subject, &decision, "subscribe", &asking, |request| {
            (None, request.topic.to_string())
        })
    }

    fn parse(&self) -> Done<policy::Topic> {
        self.topic.parse().or_code(Code::Input)
    }

    /// Prints it; `asking` are the lines of a manifest that ask for the topic.
    fn conclude<R, T>(
        &self,
        subject: &Subject<'_>,
        decision: &Decision<'_, R, T>,
        kind: &str,
        asking: &str,
        asks: fn(&R) -> (Option<usize>, String),
    ) -> Done {
        let mut denials = decision.missing();
        let unasked = denials.any(|one| !matches!(one.reason, DenialReason::NotGranted(_)));
        let hints = unasked.then(|| subject.how_to_ask(asking));
        subject.conclude(
            decision,
            Use {
                title: format!("{kind} {}", self.topic),
                keys: json!({ "use": kind, "topic": self.topic }),
                asks,
                candidates: None,
                above: Vec::new(),
                below: Vec::new(),
                hints: hints.into_iter().collect(),
            },
        )
    }
}
