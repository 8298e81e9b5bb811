//! What an embedder asks of a runtime, and what its own functions may do wrong.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use boll_host::capsule::{CapsuleState, Manifest};
use boll_host::policy::{DenialReason, GrantSet, OnFailure};
use boll_host::services::audit::{AuditEvent, AuditSink};
use boll_host::services::hook::{AnswerOutcome, NativeSubscription, Verdict};
use boll_host::services::log::{LogLine, LogSink};
use boll_host::{CallOptions, Load, LoadCause, Outcome, Runtime, SubscribeError};
use serde_json::json;

use crate::bench::{Bench, grants};
use crate::hooks::subscriber;
use crate::support::guests::guests_bytes;

/// A sink and an audit that always panic, and count how often they were called.
#[derive(Clone, Default)]
struct Broken(Arc<AtomicUsize>);

impl LogSink for Broken {
    fn write(&mut self, _: &[LogLine]) {
        self.0.fetch_add(1, Ordering::SeqCst);
        panic!("no room");
    }
}

impl AuditSink for Broken {
    fn judged(&self, _: AuditEvent) {
        self.0.fetch_add(1, Ordering::SeqCst);
        panic!("no room");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sink_and_an_audit_that_panic_spoil_no_call() {
    let (sink, audit) = (Broken::default(), Broken::default());
    let builder = Runtime::builder().log_sink(sink.clone());
    let runtime = builder.audit(audit.clone()).build().expect("a runtime");
    let text = "[capsule]\nid = \"a\"\nversion = \"1.0.0\"\n\
        [[hook]]\ntopic = \"x\"\naction = \"echo\"\n[config.name]\ntype = \"string\"\n";
    let manifest = Manifest::parse("Capsule.toml", text).expect("a manifest");
    let load = Load::new(manifest, guests_bytes()).grants(grants(&["subscribe:x"]));
    let id = runtime.load(load).await.expect("loaded");
    for _ in 0..3 {
        let options = CallOptions::default;
        let answers = runtime.trigger("x", b"1".to_vec(), options()).await;
        let answers = answers.expect("it is published");
        let one = AnswerOutcome::Answered(Outcome::Continue(Some(b"1".to_vec())));
        assert_eq!(answers[0].outcome, one);
        let config = runtime.invoke(&id, "config", b"name".to_vec(), options());
        assert!(matches!(config.await, Ok(Outcome::Continue(_))));
        let noisy = runtime.invoke(&id, "stdout", Vec::new(), options());
        assert!(matches!(noisy.await, Ok(Outcome::Continue(_))));
    }
    assert!(audit.0.load(Ordering::SeqCst) >= 6);
    assert!(sink.0.load(Ordering::SeqCst) > 0);
    let ended = tokio::time::timeout(Duration::from_secs(10), runtime.shut_down());
    ended.await.expect("it ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_is_not_begun_after_its_deadline() {
    let begun = Arc::new(AtomicUsize::new(0));
    let native = |name: &str, priority| {
        let id = name.parse().expect("an id");
        let topic = "a".parse().expect("a topic");
        let begun = Arc::clone(&begun);
        let native = NativeSubscription::new(id, topic, move |_| {
            let begun = Arc::clone(&begun);
            async move {
                if begun.fetch_add(1, Ordering::SeqCst) == 0 {
                    std::future::pending::<()>().await;
                }
                Outcome::Continue(None)
            }
        });
        native.priority(priority).on_failure(OnFailure::Continue)
    };
    let setup = Bench::setup().without_sandbox();
    let setup = setup.subscription(native("one", -2));
    let bench = setup.subscription(native("two", -1)).start().await;
    let late = subscriber("a", "append").manifest("on-failure = \"continue\"");
    bench.also(&late, "three").await.expect("loaded");
    let options = CallOptions {
        time: Some(Duration::from_millis(100)),
        ..CallOptions::default()
    };
    let verdict = bench.runtime.intercept("a", b"x".to_vec(), options).await;
    // Nobody has changed it.
    assert_eq!(verdict.expect("published"), Verdict::Passed(b"x".to_vec()));
    assert_eq!(begun.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_come_and_go_while_it_runs() {
    let bench = Bench::plain().await;
    let host = || {
        let (id, topic) = (
            "host".parse().expect("an id"),
            "a".parse().expect("a topic"),
        );
        NativeSubscription::new(id, topic, async |_| Outcome::Continue(None))
    };
    let asked = async || {
        let options = CallOptions::default();
        let answers = bench.runtime.trigger("a", Vec::new(), options).await;
        answers.expect("it is published").len()
    };
    assert_eq!(asked().await, 0);
    let one = bench.runtime.subscribe(host()).expect("subscribed");
    let two = bench.runtime.subscribe(host()).expect("subscribed");
    assert_eq!(asked().await, 2);
    let error = bench
        .also(&Bench::setup(), "host")
        .await
        .expect_err("taken");
    assert!(matches!(error.cause, LoadCause::Native(_)), "{error:?}");
    assert!(bench.runtime.unsubscribe(one));
    assert!(!bench.runtime.unsubscribe(one));
    assert_eq!(asked().await, 1);
    assert!(bench.runtime.unsubscribe(two));
    let id = bench.also(&Bench::setup(), "host").await.expect("loaded");
    let taken = SubscribeError::Capsule(id);
    assert_eq!(bench.runtime.subscribe(host()), Err(taken));
    assert_eq!(asked().await, 0);
    bench.runtime.shut_down().await;
    let closed = Err(SubscribeError::ShuttingDown);
    assert_eq!(bench.runtime.subscribe(host()), closed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loaded_capsule_can_be_asked_for() {
    let setup = Bench::setup().manifest("[[process]]\nprogram = \"sh\"");
    let bench = setup.without_sandbox().start().await;
    let (runtime, id) = (&bench.runtime, &bench.id);
    assert_eq!(runtime.manifest(id).expect("loaded").id, *id);
    assert_eq!(runtime.state(id), Some(CapsuleState::Ready));
    assert_eq!(runtime.grants(id), Some(GrantSet::default()));
    let more = grants(&["process:sh", "network:host"]);
    assert!(runtime.set_grants(id, &more));
    assert_eq!(runtime.grants(id), Some(more));
    let other = "other".parse().expect("an id");
    assert!(runtime.manifest(&other).is_none());
    assert_eq!(runtime.state(&other), None);
    assert_eq!(runtime.grants(&other), None);
    assert_eq!(runtime.counts(&other), None);
    runtime.shut_down().await;
    assert_eq!(runtime.state(id), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_gets_the_reason_of_a_refusal_as_a_value() {
    let bench = Bench::setup().without_sandbox().start().await;
    bench
        .json("trigger", &json!({"topic": "a.b"}).to_string())
        .await;
    let events = bench.judged.take();
    assert_eq!(events[0].denial, Some(DenialReason::TopicNotRequested));
    bench.json("config", "name").await;
    let events = bench.judged.take();
    assert!(
        events.iter().all(|event| event.denial.is_none()),
        "{events:?}"
    );
}
