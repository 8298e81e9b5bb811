//! `boll explain CAPSULE publish` and `subscribe`: the use of a topic.

use std::fmt;

use boll_host::policy::{Denial, DenialReason, Topic, TopicUse};
use serde::Serialize;

use super::{Grounds, Missing, Subject, conclude};
use crate::args::{Arguments, Explain, ExplainTopic};
use crate::failure::{Code, Done, Failure};
use crate::report::reporter::Reporter;

pub(super) fn run(
    use_: TopicUse,
    topic: &ExplainTopic,
    explain: &Explain,
    arguments: &Arguments,
    reporter: &Reporter,
) -> Done {
    let topic: Topic = topic
        .topic
        .parse()
        .map_err(|error| Failure::from_error(Code::Input, &error))?;
    let subject = Subject::open(explain, arguments, reporter)?;
    let decision = subject.permissions().decide_topic(&topic, use_);
    let denials: Vec<&Denial> = decision.missing.iter().collect();
    let explanation = Explanation {
        allowed: denials.is_empty(),
        use_: name_of(use_),
        topic: topic.to_string(),
        grounds: Grounds {
            request: decision.request.map(|asked| subject.request(None, asked)),
            grants: decision
                .rule
                .iter()
                .map(|rule| subject.granted(rule))
                .collect(),
            missing: denials.iter().map(|denial| Missing::of(denial)).collect(),
        },
    };
    let how = match (use_, decision.missing.as_ref().map(|denial| &denial.reason)) {
        (_, None | Some(DenialReason::NotGranted(_))) => None,
        (TopicUse::Publish, _) => Some(format!("[[publish]]\ntopic = \"{topic}\"")),
        (TopicUse::Subscribe, _) => Some(format!(
            "[[hook]]\ntopic = \"{topic}\"\naction = \"ACTION\""
        )),
    };
    let mut hints: Vec<String> = how.iter().map(|lines| subject.how_to_ask(lines)).collect();
    hints.extend(subject.how_to_allow(&denials));
    conclude(&explanation, &subject, arguments.output, &denials, hints)
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

fn name_of(use_: TopicUse) -> &'static str {
    match use_ {
        TopicUse::Publish => "publish",
        TopicUse::Subscribe => "subscribe",
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.grounds
            .rows(f, format_args!("{} {}", self.use_, self.topic))
    }
}
