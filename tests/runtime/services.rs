//! Run loops, requirements, installation.

use std::path::Path;
use std::time::Duration;

use boll_host::capsule::{CapsuleState, Manifest, StateWatch};
use boll_host::engine::ComponentCache;
use boll_host::{
    CallError, CallOptions, InvokeError, Load, LoadCause, Outcome, RequireError, Runtime,
    ServiceSettings,
};

use crate::bench::{Bench, Log, until};
use crate::support::environment::cache;
use crate::support::guests::{guests_bytes, run_only, service_bytes};

/// A service's manifest, with the values of its keys.
fn manifest(id: &str, version: &str, keys: &[(&str, &str)], more: &str) -> Manifest {
    let keys: Vec<String> = keys
        .iter()
        .map(|(key, value)| format!("[config.{key}]\ntype = \"string\"\ndefault = \"{value}\"\n"))
        .collect();
    let text = format!(
        "[capsule]\nid = \"{id}\"\nversion = \"{version}\"\n{}{more}",
        keys.concat()
    );
    Manifest::parse("Capsule.toml", &text).expect("a manifest")
}

fn service(id: &str, run: &str) -> Load {
    Load::new(manifest(id, "1.0.0", &[("run", run)], ""), service_bytes())
}

/// A plain capsule that requires others.
fn requiring(id: &str, requires: &str) -> Load {
    let manifest = manifest(id, "1.0.0", &[], &format!("[requires]\n{requires}\n"));
    Load::new(manifest, guests_bytes())
}

struct Host {
    runtime: Runtime,
    log: Log,
    records: tempfile::TempDir,
}

/// A host that starts run loops again almost at once.
fn host() -> Host {
    let records = tempfile::tempdir().expect("a folder");
    host_with(records)
}

fn host_with(records: tempfile::TempDir) -> Host {
    let log = Log::default();
    let runtime = Runtime::builder()
        .log_sink(log.clone())
        .cache(ComponentCache::open(cache().join("boll/components")).expect("a cache"))
        .records(records.path())
        .services(ServiceSettings {
            ready: Duration::from_millis(200),
            backoff: Duration::from_millis(1),
            max_backoff: Duration::from_millis(8),
            restarts: 5,
        })
        .build()
        .expect("a runtime");
    Host {
        runtime,
        log,
        records,
    }
}

impl Host {
    async fn load(&self, load: Load) -> StateWatch {
        let id = self.runtime.load(load).await.expect("loaded");
        self.runtime.watch(&id).expect("loaded")
    }

    async fn refused(&self, load: Load) -> LoadCause {
        self.runtime.load(load).await.expect_err("refused").cause
    }

    async fn echo(&self, id: &str) -> Result<Outcome, CallError> {
        let id = id.parse().expect("an id");
        self.runtime
            .invoke(&id, "echo", b"x".to_vec(), CallOptions::default())
            .await
    }

    /// How often a line was written.
    async fn logged(&self, text: &str) -> usize {
        self.runtime.shut_down().await;
        let messages = self.log.messages();
        messages.iter().filter(|line| line.contains(text)).count()
    }

    fn record(&self, id: &str) -> String {
        let file = self.records.path().join(format!("{id}.json"));
        std::fs::read_to_string(file).unwrap_or_default()
    }
}

async fn reaches(state: &mut StateWatch, wanted: CapsuleState) {
    let waited = tokio::time::timeout(
        Duration::from_secs(20),
        state.wait_for(|state| state == wanted),
    );
    let reached = waited.await.unwrap_or_else(|_| panic!("never {wanted:?}"));
    assert_eq!(reached, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_ready_when_it_says_so_and_answers_calls_then() {
    let host = host();
    let mut state = host.load(service("s", "ready-and-sleep")).await;
    // A call that comes early waits.
    assert_eq!(
        host.echo("s").await.expect("an answer"),
        Outcome::Continue(Some("x".into()))
    );
    assert_eq!(state.current(), CapsuleState::Ready);
    assert!(host.runtime.unload(&"s".parse().expect("an id")));
    reaches(&mut state, CapsuleState::Unloaded).await;
    assert_eq!(host.logged("ready").await, 1, "it was started once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_loop_alone_is_a_capsule() {
    let host = host();
    let component = std::fs::read(run_only()).expect("the component");
    let load = Load::new(manifest("alone", "1.0.0", &[], ""), component);
    let mut state = host.load(load).await;
    reaches(&mut state, CapsuleState::Ready).await;
    assert_eq!(
        host.echo("alone").await.expect("an answer"),
        Outcome::UnknownAction("echo".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_not_ready_in_time_is_told_apart() {
    let host = host();
    let mut state = host.load(service("s", "never-ready")).await;
    reaches(&mut state, CapsuleState::TimedOut).await;
    let refused = host.echo("s").await;
    assert!(
        matches!(
            refused,
            Err(CallError::NotReady {
                state: CapsuleState::TimedOut,
                ..
            })
        ),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_ends_has_stopped() {
    let host = host();
    for run in ["end", "ready-then-end"] {
        let mut state = host.load(service("s", run)).await;
        reaches(&mut state, CapsuleState::Stopped).await;
    }
    assert_eq!(host.logged("the run loop ended").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_or_traps_is_started_again_five_times() {
    for (run, reason) in [
        ("fail", "the run loop failed: it rains"),
        ("trap", "the run loop crashed: it trapped"),
        ("ready-then-fail", "the run loop failed: it rains"),
        ("ready-then-trap", "the run loop crashed: it trapped"),
    ] {
        let host = host();
        let mut state = host.load(service("s", run)).await;
        reaches(&mut state, CapsuleState::Crashed).await;
        until("it was given up", || {
            let messages = host.log.messages();
            messages
                .iter()
                .any(|line| line.contains("not started again after 6 failures"))
        })
        .await;
        assert_eq!(state.current(), CapsuleState::Crashed);
        assert_eq!(host.logged(reason).await, 6, "{run}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_loop_is_told_of_no_caller_and_has_no_deadline() {
    let host = host();
    // It computes for longer than a call may take.
    let text = manifest(
        "s",
        "1.0.0",
        &[("run", "ready-and-spin")],
        "[instance]\ntime-ms = 50",
    );
    let mut state = host.load(Load::new(text, service_bytes())).await;
    for _ in 0..5 {
        assert!(host.echo("s").await.is_ok());
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    assert_eq!(state.current(), CapsuleState::Ready);
    // Shutting down ends it, whatever it does.
    let down = tokio::time::timeout(Duration::from_secs(10), host.runtime.shut_down());
    down.await.expect("it ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_service_is_stopped_and_the_new_one_started() {
    let host = host();
    let mut old = host.load(service("s", "ready-and-sleep")).await;
    reaches(&mut old, CapsuleState::Ready).await;
    let mut new = host.load(service("s", "ready-and-sleep")).await;
    reaches(&mut new, CapsuleState::Ready).await;
    reaches(&mut old, CapsuleState::Unloaded).await;
    assert!(host.echo("s").await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn dependents_wait_for_what_they_require() {
    let host = host();
    let loads = vec![
        requiring("top", "middle = \"1\""),
        requiring("middle", "base = \"^1.0\""),
        service("base", "ready-and-sleep"),
    ];
    let ids = host.runtime.load_all(loads).await.expect("loaded");
    let ids: Vec<_> = ids.iter().map(|id| id.as_str()).collect();
    assert_eq!(ids, ["base", "middle", "top"]);
    let base = host.runtime.watch(&"base".parse().expect("an id"));
    assert_eq!(base.expect("loaded").current(), CapsuleState::Ready);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_required_and_not_there_keeps_a_capsule_out() {
    let host = host();
    let missing = host.refused(requiring("a", "nobody = \"1\"")).await;
    assert!(matches!(
        missing,
        LoadCause::Requires(RequireError::Missing(_))
    ));

    host.load(service("base", "never-ready")).await;
    let version = host.refused(requiring("a", "base = \"2\"")).await;
    let text = version.to_string();
    assert!(
        text.contains("in a version ^2, and 1.0.0 is loaded"),
        "{text}"
    );
    let late = host.refused(requiring("a", "base = \"1\"")).await;
    assert!(
        matches!(
            late,
            LoadCause::Requires(RequireError::NotReady {
                state: CapsuleState::TimedOut,
                ..
            })
        ),
        "{late}"
    );

    let cycle = vec![requiring("a", "b = \"1\""), requiring("b", "a = \"1\"")];
    let cycle = host.runtime.load_all(cycle).await.expect_err("a cycle");
    let text = cycle.cause.to_string();
    assert!(text.contains("a -> b -> a"), "{text}");
    assert_eq!(host.runtime.capsules().len(), 1, "nothing of it was loaded");
}

fn versioned(version: &str, keys: &[(&str, &str)]) -> Load {
    let keys: Vec<_> = [("run", "ready-and-sleep")]
        .iter()
        .chain(keys)
        .copied()
        .collect();
    Load::new(manifest("s", version, &keys, ""), service_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capsule_is_installed_once_and_upgraded_when_its_version_rises() {
    let first = host();
    first.load(versioned("1.0.0", &[])).await;
    first.load(versioned("1.0.0", &[])).await;
    let Host { records, .. } = {
        assert_eq!(first.logged("installed").await, 1);
        first
    };
    // Another host with the same record.
    let host = host_with(records);
    host.load(versioned("1.1.0", &[])).await;
    host.load(versioned("1.1.0", &[])).await;
    host.load(versioned("1.0.9", &[])).await;
    host.load(versioned("1.2.0", &[])).await;
    host.runtime.shut_down().await;
    let messages = host.log.messages();
    let told: Vec<_> = messages
        .iter()
        .filter(|line| line.contains("installed") || line.contains("upgraded"))
        .collect();
    assert_eq!(told, ["upgraded from 1.0.0", "upgraded from 1.0.9"]);
    assert!(host.record("s").contains("1.2.0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_refuses_is_not_loaded_and_asked_again() {
    let host = host();
    let refused = host
        .refused(versioned("1.0.0", &[("install", "refuse")]))
        .await;
    assert!(
        matches!(&refused, LoadCause::Refused(text) if text == "it rains"),
        "{refused}"
    );
    let trapped = host
        .refused(versioned("1.0.0", &[("install", "trap")]))
        .await;
    assert!(matches!(trapped, LoadCause::NotInstalled(_)));
    let keys = [("install", "spin")];
    let spins = manifest("s", "1.0.0", &keys, "[instance]\ntime-ms = 100");
    let late = host.refused(Load::new(spins, service_bytes())).await;
    assert!(
        matches!(late, LoadCause::NotInstalled(InvokeError::TimedOut(_))),
        "{late}"
    );
    assert!(host.runtime.capsules().is_empty());
    assert_eq!(host.record("s"), "");
    host.load(versioned("1.0.0", &[])).await;

    let refused = host
        .refused(versioned("2.0.0", &[("upgrade", "refuse")]))
        .await;
    assert!(matches!(refused, LoadCause::Refused(_)));
    // The old one is still there.
    assert!(host.record("s").contains("1.0.0"));
    assert!(host.echo("s").await.is_ok());
    assert_eq!(host.logged("installed").await, 1);
}

#[tokio::test]
async fn without_a_record_one_that_wants_to_be_installed_is_refused() {
    let bench = Bench::plain().await;
    let refused = bench.runtime.load(versioned("1.0.0", &[])).await;
    let cause = refused.expect_err("refused").cause;
    assert!(matches!(cause, LoadCause::NoRecord), "{cause}");
}

#[tokio::test]
async fn a_record_that_cannot_be_used_keeps_the_capsule_out() {
    let host = host();
    std::fs::write(host.records.path().join("s.json"), "{").expect("written");
    let cause = host.refused(versioned("1.0.0", &[])).await;
    let text = cause.to_string();
    assert!(text.contains("s.json") && text.contains("broken"), "{text}");
    assert!(Path::new(&host.records.path().join("s.json")).exists());
}
