//! Capsules that are told of a topic.

use boll_host::capsule::Manifest;
use boll_host::policy::GrantSet;
use boll_host::services::hook::AnswerOutcome;
use boll_host::{CallOptions, Load, Outcome, Runtime};

use super::guest;

/// A runtime in which so many capsules answer a topic with an action.
pub(crate) struct Subscribers {
    runtime: Runtime,
    count: usize,
}

impl Subscribers {
    /// `mode` is that of their instances.
    pub(crate) async fn load(count: usize, action: &str, mode: &str) -> Self {
        let runtime = Runtime::builder().build().expect("a runtime");
        let grants: GrantSet = ["subscribe:bench".parse().expect("a grant")]
            .into_iter()
            .collect();
        for number in 0..count {
            let text = format!(
                "[capsule]\nid = \"s{number}\"\nversion = \"1.0.0\"\n\
                 [instance]\nmode = \"{mode}\"\n\
                 [[hook]]\ntopic = \"bench\"\naction = \"{action}\"\n"
            );
            let manifest = Manifest::parse("Capsule.toml", &text).expect("a sound manifest");
            let load = Load::new(manifest, guest::wait().to_vec()).grants(grants.clone());
            runtime.load(load).await.expect("it loads");
        }
        Self { runtime, count }
    }

    /// Asks them all.
    pub(crate) async fn trigger(&self, payload: Vec<u8>) {
        let options = CallOptions {
            principal: Some("alice".into()),
            call_id: Some("call-1".into()),
            time: None,
        };
        let answers = self.runtime.trigger("bench", payload, options).await;
        let answers = answers.expect("published");
        assert_eq!(answers.len(), self.count);
        for answer in answers {
            let outcome = answer.outcome;
            assert!(
                matches!(outcome, AnswerOutcome::Answered(Outcome::Continue(_))),
                "{outcome:?}"
            );
        }
    }
}
