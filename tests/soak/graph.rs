//! A random graph of hooks, and what has to come of a publication to it.

use std::fmt::Write as _;

use boll_host::Outcome;
use boll_host::services::hook::{Answer, AnswerOutcome};
use fastrand::Rng;
use serde_json::Value;

/// The topics of a graph.
const TOPICS: usize = 12;
/// How many of them a publication goes through.
const DEPTH: usize = 3;

/// What a capsule does with what it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Publishes to the next topic, and answers with all answers.
    Relay,
    /// The same with one instance, which may be busy.
    Resident,
    /// Answers with who called it.
    Caller,
    Trap,
    Deny,
}

/// A capsule of the graph.
pub(crate) struct Capsule {
    pub(crate) id: String,
    kind: Kind,
    /// Its topics, each with a priority.
    topics: Vec<(String, i32)>,
    /// Whether it stays as it is; others are reloaded and revoked.
    pub(crate) stable: bool,
}

pub(crate) struct Graph {
    pub(crate) capsules: Vec<Capsule>,
}

/// An answer, as the host or a capsule has it.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) capsule: String,
    pub(crate) action: String,
    pub(crate) outcome: String,
    pub(crate) payload: String,
}

impl Kind {
    fn action(self) -> &'static str {
        match self {
            Self::Relay | Self::Resident => "relay",
            Self::Caller => "caller",
            Self::Trap => "trap",
            Self::Deny => "deny",
        }
    }
}

impl Capsule {
    pub(crate) fn new(id: &str, kind: Kind, topics: &[(&str, i32)]) -> Self {
        let topics = topics.iter();
        Self {
            id: id.to_owned(),
            kind,
            topics: topics
                .map(|(topic, at)| ((*topic).to_owned(), *at))
                .collect(),
            stable: true,
        }
    }

    pub(crate) fn manifest(&self) -> String {
        let mut text = format!(
            "[capsule]\nid = \"{}\"\nversion = \"1.0.0\"\n[[publish]]\ntopic = \"**\"\n",
            self.id
        );
        for (topic, priority) in &self.topics {
            let action = self.kind.action();
            write!(
                text,
                "[[hook]]\ntopic = \"{topic}\"\naction = \"{action}\"\npriority = {priority}\n\
                 timeout-ms = 60000\n"
            )
            .expect("memory");
        }
        if self.kind == Kind::Resident {
            text.push_str("[instance]\nmode = \"resident\"\n");
        }
        text
    }

    fn priority(&self, topic: &str) -> Option<i32> {
        let mut topics = self.topics.iter();
        topics
            .find(|(own, _)| own == topic)
            .map(|(_, priority)| *priority)
    }
}

impl Graph {
    pub(crate) fn random(random: &mut Rng, capsules: usize) -> Self {
        let kinds = [
            Kind::Relay,
            Kind::Relay,
            Kind::Relay,
            Kind::Resident,
            Kind::Caller,
            Kind::Caller,
            Kind::Trap,
            Kind::Deny,
        ];
        let capsules = (0..capsules).map(|number| {
            let topics = random.choose_multiple(0..TOPICS, 2).into_iter();
            Capsule {
                id: format!("storm-{number:02}"),
                kind: kinds[random.usize(..kinds.len())],
                topics: topics
                    .map(|topic| (format!("t{topic}"), random.i32(-2..=2)))
                    .collect(),
                stable: number % 5 != 0,
            }
        });
        Self {
            capsules: capsules.collect(),
        }
    }

    /// Some topics, one after the other, and one that nobody is told of.
    pub(crate) fn path(&self, random: &mut Rng) -> String {
        let topics = (0..DEPTH).map(|_| format!("t{} ", random.usize(..TOPICS)));
        topics.collect::<String>() + "end"
    }

    /// Checks the answers to a publication to the first topic of a path, and all below them.
    /// Returns how many there are.
    pub(crate) fn check(
        &self,
        answers: &[Found],
        path: &str,
        chain: &[&str],
        principal: &str,
        call_id: &str,
    ) -> Result<u64, String> {
        let (topic, rest) = path.split_once(' ').unwrap_or((path, ""));
        let told = self.capsules.iter();
        let told = told.filter(|one| chain.last() != Some(&one.id.as_str()));
        let mut told: Vec<(i32, &Capsule)> = told
            .filter_map(|one| Some((one.priority(topic)?, one)))
            .collect();
        told.sort_by(|one, other| (one.0, &one.1.id).cmp(&(other.0, &other.1.id)));
        let mut told = told.into_iter().map(|(_, one)| one);
        let mut count = 0;
        for answer in answers {
            // Those before it that did not answer are no stable ones.
            let capsule = loop {
                match told.next() {
                    Some(one) if one.id == answer.capsule => break one,
                    Some(one) if one.stable => return Err(format!("{} is missing", one.id)),
                    Some(_) => {}
                    None => return Err(format!("{} is out of place", answer.capsule)),
                }
            };
            count += 1;
            if answer.action != capsule.kind.action() {
                return Err(format!("the action of {answer:?}"));
            }
            if capsule.stable {
                let below = self.check_one(capsule, answer, rest, chain, principal, call_id);
                count += below.map_err(|why| format!("{} at {topic}: {why}", capsule.id))?;
            }
        }
        match told.find(|one| one.stable) {
            Some(one) => Err(format!("{} is missing at the end", one.id)),
            None => Ok(count),
        }
    }

    /// Checks one answer of a stable capsule. Returns how many are below it.
    fn check_one(
        &self,
        capsule: &Capsule,
        answer: &Found,
        path: &str,
        chain: &[&str],
        principal: &str,
        call_id: &str,
    ) -> Result<u64, String> {
        let is_in_chain = chain.contains(&capsule.id.as_str());
        match (capsule.kind, answer.outcome.as_str()) {
            (_, "recursion") if is_in_chain => Ok(0),
            _ if is_in_chain => Err(format!("no recursion: {answer:?}")),
            (Kind::Trap, "crashed") | (Kind::Deny, "deny") | (Kind::Resident, "busy") => Ok(0),
            (Kind::Caller, "continue") => {
                check_caller(&answer.payload, chain, principal, call_id).map(|()| 0)
            }
            (Kind::Relay | Kind::Resident, "continue") => {
                let reply: Value =
                    serde_json::from_str(&answer.payload).map_err(|error| error.to_string())?;
                let answers = reply["answers"].as_array();
                let answers = answers.ok_or_else(|| reply.to_string())?.iter();
                let answers: Vec<Found> = answers.map(told_by_guest).collect();
                let chain = [chain, &[capsule.id.as_str()]].concat();
                self.check(&answers, path, &chain, principal, call_id)
            }
            _ => Err(format!("{answer:?}")),
        }
    }
}

/// Checks what a capsule says of who called it.
pub(crate) fn check_caller(
    said: &str,
    chain: &[&str],
    principal: &str,
    call_id: &str,
) -> Result<(), String> {
    let caller: Value = serde_json::from_str(said).map_err(|error| error.to_string())?;
    let is_right = caller["principal"] == principal
        && caller["call_id"] == call_id
        && caller["chain"] == serde_json::json!(chain);
    is_right
        .then_some(())
        .ok_or_else(|| format!("{said}, below {chain:?}"))
}

/// An answer, as the host has it.
pub(crate) fn found(answer: &Answer) -> Found {
    let (outcome, payload) = match &answer.outcome {
        AnswerOutcome::Answered(Outcome::Continue(payload)) => ("continue", payload.as_deref()),
        AnswerOutcome::Answered(Outcome::Deny(_)) => ("deny", None),
        AnswerOutcome::Crashed(_) => ("crashed", None),
        AnswerOutcome::Busy => ("busy", None),
        AnswerOutcome::Recursion => ("recursion", None),
        _ => ("another", None),
    };
    Found {
        capsule: answer.capsule.to_string(),
        action: answer.action.clone(),
        outcome: outcome.to_owned(),
        payload: String::from_utf8_lossy(payload.unwrap_or_default()).into_owned(),
    }
}

/// An answer, as the guest that published passes it on.
fn told_by_guest(answer: &Value) -> Found {
    let text = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
    Found {
        capsule: text("capsule"),
        action: text("action"),
        outcome: text("outcome"),
        payload: text("payload"),
    }
}
