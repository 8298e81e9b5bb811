//! The topics that a capsule may use: what of its requests is granted.

use super::{PublishRequest, Subscription, Topic, TopicPattern};
use crate::policy::index::Index;
use crate::policy::{
    Decision, Denial, DenialReason, Grant, Held, MatchedRequest, Permissions, Rule,
};

/// A topic that may be published to. Only a decision makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizedTopic(Topic);

impl AuthorizedTopic {
    /// A topic that the embedder publishes to, who needs no grant.
    pub(crate) fn of_host(topic: Topic) -> Self {
        Self(topic)
    }

    /// The topic.
    #[must_use]
    pub fn topic(&self) -> &Topic {
        &self.0
    }
}

impl<'a> Permissions<'a> {
    /// Judges publishing to a topic.
    #[must_use]
    pub fn decide_publishing(&self, topic: Topic) -> Decision<'a, PublishRequest, AuthorizedTopic> {
        let mut asked = MatchedRequest::each(&self.requests.publish);
        let request = asked.find(|asked| asked.topic.matches(&topic));
        let needed = request.map(|asked| Grant::Publish(asked.topic.clone()));
        let rule =
            self.rule(|grant| matches!(grant, Grant::Publish(granted) if granted.matches(&topic)));
        let missing = missing(needed, rule, DenialReason::TopicNotRequested);
        let missing = missing.map(|reason| Denial {
            capability: format!("publish:{topic}"),
            reason,
        });
        Decision::new(request, rule, missing, || AuthorizedTopic(topic))
    }

    /// Judges whether the capsule is notified of what is published to a topic.
    #[must_use]
    pub fn decide_subscribing(&self, topic: &Topic) -> Decision<'a, Subscription> {
        let mut asked = MatchedRequest::each(&self.requests.subscribe);
        let request = asked.find(|asked| asked.topic.matches(topic));
        let needed = request.map(|asked| Grant::Subscribe(asked.topic.clone()));
        let rule =
            self.rule(|grant| matches!(grant, Grant::Subscribe(granted) if granted.matches(topic)));
        let missing = missing(needed, rule, DenialReason::NotSubscribed);
        let missing = missing.map(|reason| Denial {
            capability: format!("subscribe:{topic}"),
            reason,
        });
        Decision::new(request, rule, missing, || ())
    }

    /// The subscriptions that a publication to this topic reaches.
    pub fn subscriptions(
        &self,
        topic: &Topic,
    ) -> impl Iterator<Item = MatchedRequest<'a, Subscription>> {
        let granted =
            |grant: &Grant| matches!(grant, Grant::Subscribe(pattern) if pattern.matches(topic));
        let subscriptions = MatchedRequest::each(&self.requests.subscribe);
        subscriptions.filter(move |subscription| {
            subscription.topic.matches(topic) && self.grants.iter().any(granted)
        })
    }

    /// The grants that its subscriptions and publications need.
    fn topic_grants(&self) -> impl Iterator<Item = Grant> {
        let publish = self.requests.publish.iter();
        let subscribe = self.requests.subscribe.iter();
        publish
            .map(|request| Grant::Publish(request.topic.clone()))
            .chain(subscribe.map(|hook| Grant::Subscribe(hook.topic.clone())))
    }

    /// The grants without which some topic of the manifest is not usable.
    pub(in crate::policy) fn missing_topics(&self) -> impl Iterator<Item = Grant> {
        let granted = GrantedTopics::of(self);
        self.topic_grants()
            .filter(move |needed| granted.shared(needed).next().is_none())
    }

    /// What the capsule holds of topics.
    pub(in crate::policy) fn held_topics(&self) -> impl Iterator<Item = Held> {
        let granted = GrantedTopics::of(self);
        self.topic_grants().flat_map(move |needed| {
            let held = granted.shared(&needed).map(|(asked, granted)| Held {
                name: needed.capability(),
                // The narrower of the two, where one covers the other.
                scope: if asked.covers(granted) {
                    granted
                } else {
                    asked
                }
                .to_string(),
            });
            held.collect::<Vec<_>>()
        })
    }
}

/// Returns what is missing of a request, by the grant that it needs, and a rule.
fn missing(
    needed: Option<Grant>,
    rule: Option<Rule<'_>>,
    not_requested: DenialReason,
) -> Option<DenialReason> {
    match (needed, rule) {
        (Some(_), Some(_)) => None,
        (Some(needed), None) => Some(DenialReason::NotGranted(needed)),
        (None, _) => Some(not_requested),
    }
}

/// The topics that are granted.
struct GrantedTopics<'a> {
    publish: Index<'a, TopicPattern>,
    subscribe: Index<'a, TopicPattern>,
}

impl<'a> GrantedTopics<'a> {
    fn of(permissions: &Permissions<'a>) -> Self {
        let publish = permissions.grants.iter().filter_map(|grant| match grant {
            Grant::Publish(topic) => Some(topic),
            _ => None,
        });
        let subscribe = permissions.grants.iter().filter_map(|grant| match grant {
            Grant::Subscribe(topic) => Some(topic),
            _ => None,
        });
        Self {
            publish: Index::of(publish, TopicPattern::exact),
            subscribe: Index::of(subscribe, TopicPattern::exact),
        }
    }

    /// The topics that are asked for, and those of grants of the same kind that
    /// share topics with them.
    fn shared<'n>(
        &self,
        needed: &'n Grant,
    ) -> impl Iterator<Item = (&'n TopicPattern, &'a TopicPattern)> {
        let asked = match needed {
            Grant::Publish(asked) => Some((&self.publish, asked)),
            Grant::Subscribe(asked) => Some((&self.subscribe, asked)),
            _ => None,
        };
        asked.into_iter().flat_map(|(index, asked)| {
            let near = index.near(asked.exact().as_deref());
            near.filter(move |granted| granted.overlaps(asked))
                .map(move |granted| (asked, granted))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{GrantSet, OnFailure, Requests};

    fn topic(text: &str) -> Topic {
        text.parse().expect("a topic")
    }

    fn requests() -> Requests {
        Requests {
            publish: vec![PublishRequest {
                topic: "git.**".parse().expect("a pattern"),
            }],
            subscribe: vec![Subscription {
                topic: "git.*".parse().expect("a pattern"),
                action: "see".to_owned(),
                priority: 1,
                timeout: Subscription::DEFAULT_TIMEOUT,
                on_failure: OnFailure::Stop,
            }],
            ..Requests::default()
        }
    }

    fn grants(texts: &[&str]) -> GrantSet {
        texts
            .iter()
            .map(|text| text.parse().expect("a grant"))
            .collect()
    }

    #[test]
    fn publishing_is_asked_for_and_granted() {
        let requests = requests();
        let granted = grants(&["publish:*.commit", "publish:news"]);
        let permissions = Permissions::new(&requests, &granted);
        assert!(
            permissions
                .decide_publishing(topic("git.commit"))
                .is_allowed()
        );
        let denied = permissions.decide_publishing(topic("git.push"));
        assert_eq!(
            denied.into_result().expect_err("not granted").to_string(),
            "publish:git.push is not allowed: the operator has not granted it; \
             \"publish:git.**\" would"
        );
        let denied = permissions.decide_publishing(topic("news"));
        assert_eq!(
            denied.into_result().expect_err("not asked for").to_string(),
            "publish:news is not allowed: the manifest has no [[publish]] for this topic"
        );
    }

    #[test]
    fn a_subscription_reaches_what_is_asked_for_and_granted() {
        let requests = requests();
        let reached = |granted: &[&str], text: &str| {
            let granted = grants(granted);
            let permissions = Permissions::new(&requests, &granted);
            permissions.subscriptions(&topic(text)).count()
        };
        assert_eq!(reached(&["subscribe:git.commit"], "git.commit"), 1);
        assert_eq!(reached(&["subscribe:git.commit"], "git.push"), 0);
        assert_eq!(reached(&["subscribe:**"], "git.a.b"), 0);
        // Publishing is another matter.
        assert_eq!(reached(&["publish:**"], "git.commit"), 0);
    }

    #[test]
    fn what_is_missing_and_what_is_held() {
        let requests = requests();
        let granted = grants(&["publish:git.commit"]);
        let permissions = Permissions::new(&requests, &granted);
        let missing: Vec<_> = permissions
            .missing_topics()
            .map(|grant| grant.to_string())
            .collect();
        assert_eq!(missing, ["subscribe:git.*"]);
        let held: Vec<_> = permissions
            .held_topics()
            .map(|held| (held.name, held.scope))
            .collect();
        assert_eq!(
            held,
            [("publish:git.**".to_owned(), "git.commit".to_owned())]
        );
    }
}
