//! What an instance may consist of, features that the engine does not have, and guests that
//! trap before they are called.

use std::fmt::Write as _;

use boll_host::capsule::CapsuleState;
use boll_host::engine::EngineError;
use boll_host::{CallError, InvokeError, Load, LoadCause, LoadError};

use crate::bench::{Bench, Setup};
use crate::support::root;

/// A service of so many core instances, each with what is given. Its run loop ends at once.
fn service(instances: usize, each: &str) -> Vec<u8> {
    let mut text = format!(
        r#"(component
            (core module $m
                (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
                (func (export "run") (result i32) (i32.const 16)))
            (core module $other {each})
            (core instance $i (instantiate $m))"#
    );
    for _ in 1..instances {
        text.push_str("(core instance (instantiate $other))");
    }
    text.write_str(
        r#" (func $run (result (result (error string)))
                (canon lift (core func $i "run") (memory (core memory $i "memory"))
                    (realloc (core func $i "realloc"))))
            (instance $life (export "run" (func $run)))
            (export "boll:lifecycle/run@0.2.0" (instance $life)))"#,
    )
    .expect("a string takes it");
    wat::parse_str(text).expect("a component")
}

/// Loads a service, and waits until its run loop has ended.
async fn run(setup: Setup, component: Vec<u8>) -> Result<(CapsuleState, String), LoadError> {
    let bench = setup.without_sandbox().start().await;
    let load = Load::new(Bench::setup().manifest_of("service"), component);
    let id = bench.runtime.load(load).await?;
    let mut states = bench.runtime.watch(&id).expect("it is loaded");
    let ended = |state| matches!(state, CapsuleState::Stopped | CapsuleState::Crashed);
    let state = states.wait_for(ended).await;
    bench.runtime.shut_down().await;
    Ok((state, bench.log.messages().join("\n")))
}

fn refused(loaded: Result<(CapsuleState, String), LoadError>) -> String {
    let error = loaded.expect_err("refused");
    assert!(matches!(error.cause, LoadCause::Component(_)), "{error:?}");
    boll_host::with_causes(&error)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_of_many_core_instances_memories_and_tables_runs() {
    // As much as Python with NumPy, and more.
    let (state, said) = run(Bench::setup(), service(100, "")).await.expect("loaded");
    assert_eq!(state, CapsuleState::Stopped, "{said}");
    let memories = service(9, "(memory 1) (table 4 funcref) (table 4 funcref)");
    let (state, said) = run(Bench::setup(), memories).await.expect("loaded");
    assert_eq!(state, CapsuleState::Stopped, "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_a_limit_of_the_engine_is_named_with_it() {
    for (component, said) in [
        (
            service(129, ""),
            "needs 129 core instances, which is over the host's limit of 128",
        ),
        (
            service(17, "(memory 1)"),
            "needs 17 memories, which is over the host's limit of 16",
        ),
        (
            service(66, "(table 1 funcref)"),
            "needs 65 tables, which is over the host's limit of 64",
        ),
        (
            service(2, "(table 100001 funcref)"),
            "needs 100001 elements in a table, which is over the host's limit of 100000",
        ),
    ] {
        let text = refused(run(Bench::setup(), component).await);
        assert!(text.contains(said), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limits_of_the_engine_are_the_embedders() {
    let few = Bench::setup().limits(|limits| limits.engine.core_instances = 40);
    let text = refused(run(few, service(41, "")).await);
    assert!(text.contains("over the host's limit of 40"), "{text}");
    let more = Bench::setup().limits(|limits| limits.engine.core_instances = 200);
    let (state, said) = run(more, service(150, "")).await.expect("loaded");
    assert_eq!(state, CapsuleState::Stopped, "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feature_that_the_engine_does_not_have_is_named() {
    for (each, feature) in [
        ("(type (struct (field i32)))", "garbage collection"),
        ("(memory 1 1 shared)", "threads"),
        ("(tag)", "exceptions"),
    ] {
        let loaded = run(Bench::setup(), service(2, each)).await;
        let error = loaded.expect_err(feature);
        match &error.cause {
            LoadCause::Component(EngineError::Feature { feature: named, .. }) => {
                assert_eq!(*named, feature);
            }
            other => panic!("{feature}: {other:?}"),
        }
        let text = boll_host::with_causes(&error);
        let expected = format!("it uses {feature}, which this host does not have");
        assert!(text.contains(&expected), "{text}");
    }
    let later = r#"(component (import "wasi:cli/stdout@0.3.0" (instance)))"#;
    let later = wat::parse_str(later).expect("a component");
    let error = run(Bench::setup(), later).await.expect_err("WASI 0.3");
    let text = boll_host::with_causes(&error);
    assert!(
        text.contains("which is WASI 0.3; this host has WASI 0.2"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_capsule_of_another_version_of_the_contract_is_judged_by_semver() {
    let of = |version: &str| {
        let text = format!(
            r#"(component
                (import "boll:log/log@{version}" (instance
                    (export "enabled" (func (param "level" (enum "trace")) (result bool))))))"#
        );
        // Its types do not fit: what is told first is the version.
        wat::parse_str(text.replace("(param \"level\" (enum \"trace\")) ", "")).expect("sound")
    };
    for (version, said) in [
        (
            "0.2.1",
            "this host has version 0.2.0 of it, and serves capsules of this and earlier",
        ),
        ("0.3.0", "the host knows version 0.2.0 of it"),
        ("0.1.0", "the host knows version 0.2.0 of it"),
    ] {
        let error = run(Bench::setup(), of(version)).await.expect_err(version);
        let text = boll_host::with_causes(&error);
        assert!(text.contains(said), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trap_at_the_start_is_the_capsules() {
    let start = "(func $start unreachable) (start $start)";
    let bench = Bench::setup().without_sandbox().start().await;
    let echo = std::fs::read_to_string(root().join("host/doc/echo.wat")).expect("it is there");
    let (begin, _) = echo.rsplit_once(')').expect("a module");
    let load = Load::new(
        Bench::setup().manifest_of("handler"),
        handler(&format!("{begin} {start})")),
    );
    let id = bench.runtime.load(load).await.expect("loaded");
    let called = bench
        .runtime
        .invoke(&id, "say", Vec::new(), Default::default());
    match called.await {
        Err(CallError::Invoke {
            error: error @ InvokeError::Trapped(_),
            ..
        }) => assert!(error.to_string().starts_with("it trapped: "), "{error}"),
        other => panic!("{other:?}"),
    }

    let load = Load::new(Bench::setup().manifest_of("service"), service(2, start));
    let id = bench.runtime.load(load).await.expect("loaded");
    let mut states = bench.runtime.watch(&id).expect("it is loaded");
    states
        .wait_for(|state| state == CapsuleState::Crashed)
        .await;
    let said = bench.logged().await;
    let said: Vec<_> = said.into_iter().map(|line| line.message).collect();
    let said = said.join("\n");
    assert!(
        said.contains("the run loop crashed: it trapped: "),
        "{said}"
    );
}

/// The component of a core module that exports the handler.
fn handler(text: &str) -> Vec<u8> {
    let mut module = wat::parse_str(text).expect("a module");
    let mut resolve = wit_parser::Resolve::default();
    let (package, _) = resolve.push_dir(root().join("wit")).expect("the contract");
    let world = resolve.select_world(&[package], Some("capsule"));
    let encoding = wit_component::StringEncoding::UTF8;
    wit_component::embed_component_metadata(&mut module, &resolve, world.expect("it"), encoding)
        .expect("it takes the world");
    let mut encoder = wit_component::ComponentEncoder::default();
    let encoder = encoder.module(&module).expect("a module of the world");
    encoder.encode().expect("a component")
}
