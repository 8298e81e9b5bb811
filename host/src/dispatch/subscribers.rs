//! The subscribers of a topic: capsules and the embedder, in one order.

use std::sync::Arc;

use tokio_util::task::task_tracker::TaskTrackerToken;

use super::{Dispatcher, LoadedCapsule};
use crate::call::Caller;
use crate::capsule::CapsuleId;
use crate::instance::Event;
use crate::policy::{Subscription, Topic};
use crate::services::audit::{Judgement, Requested};
use crate::services::hook::NativeSubscription;

/// One subscription that a publication reaches.
pub(super) struct Subscriber {
    pub(super) who: Who,
    pub(super) subscription: Subscription,
}

/// Whose it is.
pub(super) enum Who {
    Capsule {
        entry: LoadedCapsule,
        /// The `[[hook]]` of the manifest that it is.
        hook: Requested,
        /// Keeps the capsule usable.
        _in_flight: TaskTrackerToken,
    },
    Native(NativeSubscription),
}

impl Subscriber {
    pub(super) fn id(&self) -> &CapsuleId {
        match &self.who {
            Who::Capsule { entry, .. } => entry.capsule.id(),
            Who::Native(native) => &native.id,
        }
    }
}

impl Dispatcher {
    /// Returns the subscribers of a topic, by priority, then by id, without the
    /// capsule that publishes.
    pub(super) fn subscribers(&self, topic: &Topic, from: &Caller) -> Vec<Subscriber> {
        let registry = self.registry.load();
        let others = registry.entries().filter(|entry| {
            let capsule = &entry.capsule;
            !capsule.manifest.requests.subscribe.is_empty()
                && capsule.is_ready()
                && from.chain.last() != Some(capsule.id())
                && capsule.permissions().subscriptions(topic).next().is_some()
        });
        let mut subscribers: Vec<Subscriber> = others
            .filter_map(|entry| self.enter(entry.capsule.id()))
            .flat_map(|(entry, in_flight)| {
                let permissions = entry.capsule.permissions();
                let subscriptions = permissions.subscriptions(topic);
                let subscribers = subscriptions.map(|subscription| Subscriber {
                    who: Who::Capsule {
                        entry: entry.clone(),
                        hook: subscription.into(),
                        _in_flight: in_flight.clone(),
                    },
                    subscription: subscription.request.clone(),
                });
                subscribers.collect::<Vec<_>>()
            })
            .collect();
        let natives = self.natives.load();
        let natives = natives.iter().map(|(_, native)| native);
        let natives = natives.filter(|native| native.subscription.topic.matches(topic));
        subscribers.extend(natives.map(|native| Subscriber {
            who: Who::Native(native.clone()),
            subscription: native.subscription.clone(),
        }));
        // Stable: several of one subscriber stay as they are.
        subscribers.sort_by(|one, other| {
            let by_priority = one.subscription.priority.cmp(&other.subscription.priority);
            by_priority.then_with(|| one.id().cmp(other.id()))
        });
        subscribers
    }

    /// A publication reaches a subscription of a capsule's.
    pub(super) fn audit_told(
        &self,
        entry: &LoadedCapsule,
        hook: &Requested,
        from: &Caller,
        event: &Event,
    ) {
        let audit = &self.host.audit;
        if !audit.listens() {
            return;
        }
        let origin = Arc::new(from.origin(entry.capsule.id()));
        let topic = event.topic.as_deref().unwrap_or_default();
        audit.tell(&origin, || {
            Judgement::allowed(format!("subscribe:{topic}"), Some(hook.clone()))
        });
    }
}
