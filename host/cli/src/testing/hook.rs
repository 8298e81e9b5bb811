//! `[[case.hook]]`: a subscriber with a scripted answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use boll_host::Outcome;
use boll_host::capsule::CapsuleId;
use boll_host::document::DocumentError;
use boll_host::policy::{Subscription, TopicPattern};
use boll_host::services::hook::NativeSubscription;
use toml::Spanned;

use super::content::{CaseSource, Content, Forms};
use super::difference::Difference;
use super::raw::RawHook;
use super::record::Recorder;

/// A scripted subscriber.
#[derive(Debug, Clone)]
pub(crate) struct ScriptedHook {
    id: CapsuleId,
    topic: TopicPattern,
    priority: i32,
    /// The expected payload; `None` if any will do.
    payload: Option<Content>,
    says: Outcome,
}

/// The subscriber's id if the case gives none.
const NAMELESS: &str = "scripted";

impl RawHook {
    /// `own` is the capsule that is tested.
    pub(super) fn check(
        self,
        place: CaseSource<'_>,
        own: &CapsuleId,
        whole: std::ops::Range<usize>,
    ) -> Result<ScriptedHook, DocumentError> {
        let (name, span) = match &self.capsule {
            Some(name) => (name.get_ref().as_str(), name.span()),
            None => (NAMELESS, whole.clone()),
        };
        let id: CapsuleId = name
            .parse()
            .map_err(|error| place.error(span.clone(), format!("{error}")))?;
        if id == *own {
            return Err(place.error(
                span,
                "this is the capsule that is tested: a subscriber needs another id",
            ));
        }
        let payload = Forms::of(
            "payload",
            self.payload,
            self.payload_json,
            self.payload_file,
        );
        let goes_on = (self.r#continue, self.continue_json, self.continue_file);
        let goes_on = Forms::of("continue", goes_on.0, goes_on.1, goes_on.2);
        let ends = Forms::of("final", self.r#final, self.final_json, self.final_file);
        let bytes = |content: (Content, _)| (content.0.into_bytes(), content.1);
        let text = |given: Option<Spanned<String>>, make: fn(String) -> Outcome| {
            given.map(|text| (text.span(), make(text.into_inner())))
        };
        let goes_on = goes_on.read(place)?.map(bytes);
        let ends = ends.read(place)?.map(bytes);
        let outcomes = [
            goes_on.map(|(bytes, span)| (span, Outcome::Continue(Some(bytes)))),
            ends.map(|(bytes, span)| (span, Outcome::Final(bytes))),
            text(self.deny, Outcome::Deny),
            text(self.failed, Outcome::Failed),
        ];
        let mut outcomes = outcomes.into_iter().flatten();
        let says = outcomes.next().map(|(_, outcome)| outcome);
        if let Some((second, _)) = outcomes.next() {
            return Err(place.error(
                second,
                "a subscriber gives one answer: leave the others out",
            ));
        }
        Ok(ScriptedHook {
            id,
            topic: self.topic,
            priority: self.priority.unwrap_or(Subscription::DEFAULT_PRIORITY),
            payload: payload.read(place)?.map(|(content, _)| content),
            says: says.unwrap_or(Outcome::Continue(None)),
        })
    }
}

/// A scripted subscriber at work.
pub(super) struct Asked {
    hook: ScriptedHook,
    times: Arc<AtomicUsize>,
}

impl ScriptedHook {
    /// A subscription that answers as it is scripted, and records what it is
    /// given otherwise than expected.
    pub(super) fn subscription(&self, record: &Recorder) -> (NativeSubscription, Asked) {
        let times = Arc::new(AtomicUsize::new(0));
        let asked = Asked {
            hook: self.clone(),
            times: Arc::clone(&times),
        };
        let (record, hook) = (record.clone(), self.clone());
        let answer = move |event: boll_host::services::hook::HookEvent| {
            times.fetch_add(1, Ordering::Relaxed);
            if let Some(expected) = &hook.payload
                && !expected.is(&event.payload)
            {
                record.differs(Difference::new(
                    format!("payload for {} of {}", hook.id, event.topic),
                    expected.text(),
                    expected.text_of(&event.payload),
                ));
            }
            std::future::ready(hook.says.clone())
        };
        let subscription = NativeSubscription::new(self.id.clone(), self.topic.clone(), answer);
        (subscription.priority(self.priority), asked)
    }
}

impl Asked {
    /// Returns a difference if it was never called.
    pub(super) fn never(&self) -> Option<Difference> {
        let ScriptedHook { id, topic, .. } = &self.hook;
        (self.times.load(Ordering::Relaxed) == 0).then(|| {
            Difference::new(
                format!("[[case.hook]] {id}"),
                format!("it is asked, with a topic like {topic}"),
                "nobody asked it".to_owned(),
            )
            .hint("leave it out where nothing is published to it")
        })
    }
}
