//! `boll explain CAPSULE publish` and `subscribe`: the use of a topic.

use std::fmt;

use boll_host::policy::{Decision, Denial, DenialReason, Topic};
use serde::Serialize;

use super::{Grounds, Subject, conclude};
use crate::args::{Arguments, Explain, ExplainTopic};
use crate::failure::{Code, Done, Failure};
use crate::report::reporter::Reporter;

pub(super) fn publish(
    asked: &ExplainTopic,
    explain: &Explain,
    arguments: &Arguments,
    reporter: &Reporter,
) -> Done {
    let topic = parse(asked)?;
    let subject = Subject::open(explain, arguments, reporter)?;
    let decision = subject.permissions().decide_publishing(topic.clone());
    let grounds = Grounds::of(&decision, &subject, |request| {
        subject.request(None, &request.topic)
    });
    let how = format!("[[publish]]\ntopic = \"{topic}\"");
    let explanation = Explanation::new("publish", topic, grounds);
    finish(&explanation, &decision, &how, &subject, arguments)
}

pub(super) fn subscribe(
    asked: &ExplainTopic,
    explain: &Explain,
    arguments: &Arguments,
    reporter: &Reporter,
) -> Done {
    let topic = parse(asked)?;
    let subject = Subject::open(explain, arguments, reporter)?;
    let decision = subject.permissions().decide_subscribing(&topic);
    let grounds = Grounds::of(&decision, &subject, |request| {
        subject.request(None, &request.topic)
    });
    let how = format!("[[hook]]\ntopic = \"{topic}\"\naction = \"ACTION\"");
    let explanation = Explanation::new("subscribe", topic, grounds);
    finish(&explanation, &decision, &how, &subject, arguments)
}

fn parse(asked: &ExplainTopic) -> Done<Topic> {
    let topic = asked.topic.parse();
    topic.map_err(|error| Failure::from_error(Code::Input, &error))
}

/// Prints it; `how` are the lines of a manifest that ask for the topic.
fn finish<R, T>(
    explanation: &Explanation,
    decision: &Decision<'_, R, T>,
    how: &str,
    subject: &Subject<'_>,
    arguments: &Arguments,
) -> Done {
    let denials: Vec<&Denial> = decision.missing().collect();
    let unasked = denials
        .iter()
        .any(|denial| !matches!(denial.reason, DenialReason::NotGranted(_)));
    let mut hints = Vec::new();
    if unasked {
        hints.push(subject.how_to_ask(how));
    }
    hints.extend(subject.how_to_allow(&denials));
    conclude(explanation, subject, arguments.output, &denials, hints)
}

/// A decision in words.
#[derive(Serialize)]
struct Explanation {
    allowed: bool,
    #[serde(rename = "use")]
    use_: &'static str,
    topic: String,
    #[serde(flatten)]
    grounds: Grounds,
}

impl Explanation {
    fn new(use_: &'static str, topic: Topic, grounds: Grounds) -> Self {
        Self {
            allowed: grounds.is_allowed(),
            use_,
            topic: topic.to_string(),
            grounds,
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = format_args!("{} {}", self.use_, self.topic);
        self.grounds.verdict(f, subject)?;
        self.grounds.rows(f)
    }
}
