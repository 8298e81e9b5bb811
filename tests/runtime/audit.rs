//! Every judgement about what a capsule asks for is told to the embedder.

use std::net::TcpListener;

use boll_host::sandbox::{Script, ScriptedProcess};
use boll_host::services::audit::{AuditEvent, Requested};
use boll_host::{CallOptions, Outcome};
use serde_json::json;

use crate::bench::{Bench, Setup, named};

/// The capabilities, each with the request that allowed it.
fn told(events: &[AuditEvent]) -> Vec<(&str, Option<Requested>)> {
    let told = events.iter().map(|event| {
        // One of both, always.
        assert!(
            event.refused.is_none() || event.request.is_none(),
            "{event:?}"
        );
        (event.capability.as_str(), event.request.clone())
    });
    told.collect()
}

fn setup() -> Setup {
    Bench::setup()
        .manifest("[[process]]\nprogram = \"other\"\n[[process]]\nprogram = \"tool\"")
        .manifest("[[publish]]\ntopic = \"x\"\n[[publish]]\ntopic = \"a.*\"")
        .manifest("[[hook]]\ntopic = \"y\"\naction = \"echo\"")
        .manifest("[[hook]]\ntopic = \"b.*\"\naction = \"echo\"")
        .manifest("[[files]]\npath = \"/workspace\"")
        .manifest("[config.name]\ntype = \"string\"\n[config.other]\ntype = \"string\"")
        .without_sandbox()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_allowed_is_told_with_its_request() {
    let script = Script::new([ScriptedProcess::new("tool")]);
    let bench = setup()
        .script(&script)
        .grant("process:tool")
        .grant("publish:a.*")
        .grant("subscribe:b.*")
        .grant("files:/workspace")
        .start()
        .await;
    let options = CallOptions {
        principal: Some("ann".into()),
        ..named("c-1")
    };
    let payload = json!({"program": "tool"}).to_string();
    bench.call("run", &payload, options).await.expect("it runs");
    let events = bench.judged.take();
    assert_eq!(
        told(&events),
        [
            ("files:/workspace", Some(Requested::Files(0))),
            ("process:tool", Some(Requested::Process(1))),
        ]
    );
    let origin = &events[1].origin;
    assert_eq!(origin.capsule, bench.id);
    assert_eq!(origin.principal.as_deref(), Some("ann"));
    assert_eq!(origin.call_id.as_deref(), Some("c-1"));

    bench.json("trigger", r#"{"topic": "a.b"}"#).await;
    let events = bench.judged.take();
    assert_eq!(
        told(&events)[1],
        ("publish:a.b", Some(Requested::Publish(1)))
    );

    let answers = bench
        .runtime
        .trigger("b.c", Vec::new(), CallOptions::default());
    assert_eq!(answers.await.expect("it is published").len(), 1);
    let events = bench.judged.take();
    assert_eq!(
        told(&events)[0],
        ("subscribe:b.c", Some(Requested::Hook(1)))
    );

    bench.json("config", "name").await;
    let events = bench.judged.take();
    let name = ("config:name", Some(Requested::Config("name".to_owned())));
    assert!(told(&events).contains(&name), "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_told_with_the_reason() {
    let bench = setup().script(&Script::new([])).start().await;
    let refused = |events: Vec<AuditEvent>| {
        let refused = events
            .into_iter()
            .filter_map(|event| Some((event.capability, event.refused?)));
        refused.collect::<Vec<_>>()
    };
    let of = |capability: &str, reason: &str| (capability.to_owned(), reason.to_owned());
    bench.run(json!({"program": "tool"})).await;
    assert_eq!(
        refused(bench.judged.take()),
        [of(
            "process:tool",
            "the operator has not granted it; \"process:tool\" would"
        )]
    );
    bench.run(json!({"program": "unheard-of"})).await;
    assert_eq!(
        refused(bench.judged.take()),
        [of(
            "process:unheard-of",
            "the manifest has no [[process]] for this program"
        )]
    );
    bench.json("intercept", r#"{"topic": "a.b"}"#).await;
    assert_eq!(
        refused(bench.judged.take()),
        [of(
            "publish:a.b",
            "the operator has not granted it; \"publish:a.*\" would"
        )]
    );
    bench.json("config", "undeclared").await;
    let undeclared = of("config:undeclared", "the manifest does not declare it");
    assert_eq!(refused(bench.judged.take())[0], undeclared);
    // Who is not granted to be told is not asked, and nothing is refused.
    let answers = bench
        .runtime
        .trigger("b.c", Vec::new(), CallOptions::default());
    assert!(answers.await.expect("it is published").is_empty());
    assert_eq!(bench.judged.take(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_are_told_allowed_and_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || drop(listener.accept()));
    let bench = Bench::setup()
        .manifest(&format!("[[network]]\nhost = \"127.0.0.1\"\nport = {port}"))
        .grant(&format!("network:127.0.0.1:{port}"))
        .without_sandbox()
        .start()
        .await;
    let connect = |to: String| json!([{ "connect": to }]).to_string();
    let called = bench
        .plainly("network", &connect(format!("127.0.0.1:{port}")))
        .await;
    assert!(matches!(called, Ok(Outcome::Continue(_))), "{called:?}");
    let events = bench.judged.take();
    let capability = format!("network:127.0.0.1:{port}");
    let allowed = (capability.as_str(), Some(Requested::Network(0)));
    assert!(told(&events).contains(&allowed), "{events:?}");
    bench
        .plainly("network", &connect("127.0.0.1:1".to_owned()))
        .await
        .expect("an answer");
    let events = bench.judged.take();
    let refused = events.iter().find(|event| event.refused.is_some());
    assert_eq!(refused.expect("refused").capability, "network:127.0.0.1:1");
}
