//! The pieces of `docs/embedding.md`: a test of the documents compares them, and this one
//! runs them.

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use boll_host::capsule::{CapsuleId, CapsuleState, Manifest};
use boll_host::policy::{Grant, GrantSet};
use boll_host::sandbox::{Sandbox, SandboxSettings};
use boll_host::services::audit::{AuditEvent, AuditSink};
use boll_host::services::hook::NativeSubscription;
use boll_host::services::log::{LogLine, LogSink};
use boll_host::{CallError, CallOptions, Load, Outcome, Runtime, RuntimeLimits};
use tempfile::tempdir;

use crate::support::guests::{guests, prepared};

type Failed = Box<dyn std::error::Error>;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl LogSink for Lines {
    fn write(&mut self, lines: &[LogLine]) {
        let mut kept = self.0.lock().expect("no panic");
        kept.extend(lines.iter().map(|line| line.message.clone()));
    }
}

#[derive(Clone, Default)]
struct Refusals(Arc<Mutex<Vec<String>>>);

impl AuditSink for Refusals {
    fn judged(&self, event: AuditEvent) {
        if let Some(reason) = event.refused {
            let line = format!("{}: {}: {reason}", event.origin.capsule, event.capability);
            self.0.lock().expect("no panic").push(line);
        }
    }
}

fn runtime(workspace: &std::path::Path, log: Lines, audit: Refusals) -> Result<Runtime, Failed> {
    let sandbox = Sandbox::open(SandboxSettings::new(workspace))?;
    let limits = RuntimeLimits {
        time: Duration::from_secs(10),
        ..RuntimeLimits::default()
    };
    let builder = Runtime::builder().sandbox(sandbox).limits(limits);
    Ok(builder.log_sink(log).audit(audit).build()?)
}

async fn load(runtime: &Runtime, component: Vec<u8>) -> Result<CapsuleId, Failed> {
    let manifest = Manifest::parse(
        "Capsule.toml",
        r#"
        [capsule]
        id = "notes"
        version = "1.0.0"

        [[process]]
        program = "echo"

        [[hook]]
        topic = "notes.*"
        action = "append"
        "#,
    )?;
    let grants = ["process:echo", "subscribe:notes.*"].map(str::parse::<Grant>);
    let grants: GrantSet = grants.into_iter().collect::<Result<_, _>>()?;
    let id = runtime
        .load(Load::new(manifest, component).grants(grants))
        .await?;
    Ok(id)
}

async fn call(runtime: &Runtime, id: &CapsuleId) -> Result<(), Failed> {
    let options = CallOptions {
        principal: Some("ann".into()),
        call_id: Some("42".into()),
        time: Some(Duration::from_secs(1)),
    };
    match runtime.invoke(id, "echo", b"hello".to_vec(), options).await {
        Ok(Outcome::Continue(Some(reply))) => assert_eq!(reply, b"hello"),
        Ok(other) => return Err(format!("it said {other:?}").into()),
        Err(CallError::Busy(waited)) => return Err(format!("busy for {waited:?}").into()),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

async fn publish(runtime: &Runtime) -> Result<(), Failed> {
    let stamp = NativeSubscription::new("stamp".parse()?, "notes.*".parse()?, async |event| {
        Outcome::Continue(Some([b"stamped ", &*event.payload].concat()))
    });
    let key = runtime.subscribe(stamp.priority(-1))?;
    let options = CallOptions::default;
    let answers = runtime
        .trigger("notes.save", b"note".to_vec(), options())
        .await?;
    assert_eq!(answers.len(), 2);
    let verdict = runtime
        .intercept("notes.save", b"note".to_vec(), options())
        .await?;
    assert!(format!("{verdict:?}").starts_with("Passed"));
    assert!(runtime.unsubscribe(key));
    Ok(())
}

async fn cancel(runtime: &Runtime, id: &CapsuleId) {
    let options = CallOptions {
        call_id: Some("43".into()),
        ..CallOptions::default()
    };
    let call = runtime.invoke(id, "sleep", b"60000".to_vec(), options);
    let (ended, cancelled) = tokio::join!(call, async { runtime.cancel(["43"]) });
    assert_eq!(cancelled, 1);
    assert!(ended.is_err());
}

fn look(runtime: &Runtime, id: &CapsuleId) {
    assert_eq!(runtime.state(id), Some(CapsuleState::Ready));
    let held = runtime.held(id).unwrap_or_default();
    assert!(held.iter().any(|held| held.name == "process:echo"));
    assert_eq!(runtime.counts(id).unwrap_or_default().under_way, 0);
    // Holds from the next thing that the capsule asks for, also in calls under way.
    assert!(runtime.set_grants(id, &GrantSet::default()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pieces_of_the_embedding_page_run() -> Result<(), Failed> {
    prepared();
    let workspace = tempdir()?;
    let (log, audit) = (Lines::default(), Refusals::default());
    let runtime = runtime(workspace.path(), log.clone(), audit.clone())?;
    let id = load(&runtime, fs::read(guests())?).await?;
    call(&runtime, &id).await?;
    publish(&runtime).await?;
    cancel(&runtime, &id).await;
    look(&runtime, &id);
    let echo = br#"{"program": "echo"}"#.to_vec();
    runtime
        .invoke(&id, "run", echo, CallOptions::default())
        .await?;
    let refusals = audit.0.lock().expect("no panic").clone();
    let is_echo = |line: &String| line.starts_with("notes: process:echo: ");
    assert!(refusals.iter().any(is_echo), "{refusals:?}");
    runtime.shut_down().await;
    Ok(())
}
