//! Loading, replacing and unloading capsules.

use std::error::Error as _;
use std::fs;
use std::time::Duration;

use boll_host::capsule::{CapsuleState, StateWatch};
use boll_host::{CallError, ContractError, InvokeError, Load, LoadCause, Outcome};

use serde_json::json;

use crate::bench::{Bench, named, reply, sh, until};
use crate::support::guests::{guests_bytes, no_handler, unlinkable};
use crate::support::{eventually, marker, processes_with};

async fn refused(bench: &Bench, component: Vec<u8>) -> (LoadCause, String) {
    let load = Load::new(Bench::setup().manifest_of("sample"), component);
    let error = bench.runtime.load(load).await.expect_err("refused");
    assert_eq!(error.capsule.as_str(), "sample");
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    (error.cause, text)
}

/// Whatever a load has come to when the runtime shuts down, nothing is left loaded, and who
/// waits for its end is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_loaded_after_the_end_of_the_runtime() {
    for delay in 0..40 {
        let bench = Bench::plain().await;
        let load = Load::new(Bench::setup().manifest_of("late"), guests_bytes());
        let id = "late".parse().expect("an id");
        let ended = async {
            tokio::time::sleep(Duration::from_micros(delay * 50)).await;
            bench.runtime.shut_down().await;
        };
        let (loaded, ()) = tokio::join!(bench.runtime.load(load), ended);
        if let Err(error) = loaded {
            assert!(matches!(error.cause, LoadCause::ShuttingDown), "{error:?}");
        }
        if let Some(mut states) = bench.runtime.watch(&id) {
            assert_eq!(states.current(), CapsuleState::Unloaded);
        }
        assert_eq!(bench.runtime.capsules(), []);
    }
}

/// Whether a state has not changed up to now.
async fn is_unchanged(state: &mut StateWatch) -> bool {
    let changed = tokio::time::timeout(Duration::ZERO, state.changed());
    changed.await.is_err()
}

#[tokio::test]
async fn what_is_no_capsule_says_what_it_is() {
    let bench = Bench::plain().await;
    let mut cut = guests_bytes();
    cut.truncate(cut.len() / 2);
    for (bytes, complaint) in [
        (b"".to_vec(), "not WebAssembly"),
        (b"(component)".to_vec(), "WebAssembly text"),
        (b"\0asm\x01\0\0\0".to_vec(), "core module"),
        (cut, "not a valid component"),
    ] {
        let (cause, text) = refused(&bench, bytes).await;
        assert!(matches!(cause, LoadCause::Component(_)));
        assert!(text.contains(complaint), "{text}");
    }
    let (cause, _) = refused(&bench, fs::read(no_handler()).expect("a component")).await;
    assert!(matches!(cause, LoadCause::Contract(ContractError::NoWayIn)));
    let (cause, text) = refused(&bench, fs::read(unlinkable()).expect("a component")).await;
    assert!(matches!(
        cause,
        LoadCause::Contract(ContractError::Imports(_))
    ));
    assert!(
        text.contains("boll:test-unlinkable/nowhere@0.2.0"),
        "{text}"
    );
    assert_eq!(
        bench.runtime.capsules(),
        std::slice::from_ref(&bench.id),
        "none of them is loaded"
    );
}

#[tokio::test]
async fn a_component_can_be_looked_at_without_loading_it() {
    let bench = Bench::plain().await;
    let surface = bench
        .runtime
        .inspect(guests_bytes())
        .await
        .expect("a component");
    surface.check().expect("it fits");
    assert!(surface.exports.contains("boll:hook/handler@0.2.0"));
    let process = surface
        .imports
        .iter()
        .find(|import| import.interface == "boll:process/process@0.2.0");
    assert_eq!(process.expect("it runs processes").functions, ["run"]);
    let error = bench
        .runtime
        .inspect(b"(module)".to_vec())
        .await
        .expect_err("text");
    assert!(matches!(error, LoadCause::Component(_)));
    assert_eq!(bench.runtime.capsules(), std::slice::from_ref(&bench.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_under_way_end_on_the_old_component_and_new_ones_take_the_new() {
    let writes = "[[process]]\nprogram = \"sh\"\nworkspace = \"read-write\"";
    let setup = Bench::setup().manifest(writes).grant("process:sh");
    let bench = setup.grant("workspace:write").start().await;
    let keys = "[config.name]\ntype = \"string\"";
    let uuid = bench.runtime.uuid(&bench.id);
    let mut state = bench.runtime.watch(&bench.id).expect("loaded");
    let script = "touch begun; while [ ! -e go ]; do sleep 0.05; done; echo done";
    let old = bench.begin("run", sh(script).to_string(), Default::default());
    until("the old one runs", || {
        bench.workspace().join("begun").exists()
    })
    .await;

    let new = Bench::setup().manifest(keys).config("name", "new");
    assert_eq!(bench.also(&new, "guests").await.expect("loaded"), bench.id);
    assert_ne!(bench.runtime.uuid(&bench.id), uuid);
    assert_eq!(bench.json("config", "name").await["get"]["ok"], "new");
    assert!(!old.is_finished());
    assert!(is_unchanged(&mut state).await);

    bench.write("go", "");
    let answer = reply(old.await.expect("no panic"));
    assert_eq!(answer["ok"]["stdout"]["text"], "done\n");
    state
        .wait_for(|state| state == CapsuleState::Unloaded)
        .await;
    assert_eq!(state.current(), CapsuleState::Unloaded);
    assert_eq!(bench.runtime.capsules(), std::slice::from_ref(&bench.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drained_capsule_ends_its_calls_and_takes_no_more() {
    let bench = Bench::plain().await;
    let call = bench.begin("sleep", "300".to_owned(), named("a"));
    until("it is there", || bench.runtime.calls() == 1).await;
    let (runtime, id) = (bench.runtime.clone(), bench.id.clone());
    let drained = tokio::spawn(async move { runtime.drain(&id).await });
    until("it is gone", || bench.runtime.capsules().is_empty()).await;
    let refused = bench.plainly("echo", "x").await;
    assert!(
        matches!(refused, Err(CallError::NotLoaded(_))),
        "{refused:?}"
    );
    call.await.expect("no panic").expect("an answer");
    assert!(drained.await.expect("no panic"));
    assert!(!bench.runtime.drain(&bench.id).await, "it is not there");
}

#[tokio::test(flavor = "multi_thread")]
async fn unloading_reaches_the_loadings_that_were_replaced() {
    let bench = Bench::setup().program("sleep").start().await;
    let marker = marker();
    let command = json!({"program": "sleep", "args": [marker]});
    let old = bench.begin("run", command.to_string(), Default::default());
    until("the old one runs", || processes_with(&marker) > 0).await;
    bench.also(&Bench::setup(), "guests").await.expect("loaded");
    assert!(bench.runtime.unload(&bench.id));
    let outcome = old.await.expect("no panic");
    assert!(
        matches!(
            outcome,
            Err(CallError::Invoke {
                error: InvokeError::Cancelled,
                ..
            })
        ),
        "{outcome:?}"
    );
    eventually("no process is left", || processes_with(&marker) == 0);
}

#[tokio::test]
async fn a_refused_replacement_leaves_the_old_in_place() {
    let bench = Bench::plain().await;
    let uuid = bench.runtime.uuid(&bench.id);
    let load = Load::new(
        Bench::setup().manifest_of("guests"),
        b"(component)".to_vec(),
    );
    bench.runtime.load(load).await.expect_err("refused");
    assert_eq!(bench.runtime.uuid(&bench.id), uuid);
    let outcome = bench.plainly("echo", "x").await.expect("an answer");
    assert_eq!(outcome, Outcome::Continue(Some("x".into())));
}

#[tokio::test]
async fn the_digest_is_the_components() {
    let bench = Bench::plain().await;
    let digest = boll_host::Digest::of(&guests_bytes());
    assert_eq!(bench.runtime.digest(&bench.id), Some(digest));
}

#[tokio::test]
async fn a_capsule_without_a_run_loop_is_ready_at_once() {
    let bench = Bench::plain().await;
    let mut state = bench.runtime.watch(&bench.id).expect("loaded");
    assert_eq!(state.current(), CapsuleState::Ready);
    bench.plainly("ready", "").await.expect("an answer");
    assert!(
        is_unchanged(&mut state).await,
        "saying it again changes nothing"
    );
    bench.runtime.unload(&bench.id);
    assert_eq!(state.current(), CapsuleState::Unloaded);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unloaded_capsule_cannot_become_ready_again() {
    let bench = Bench::plain().await;
    let mut state = bench.runtime.watch(&bench.id).expect("loaded");
    let call = bench.begin("ready", String::new(), Default::default());
    bench.runtime.unload(&bench.id);
    let _ = call.await.expect("no panic");
    assert_eq!(state.current(), CapsuleState::Unloaded);
}
