//! A program with capsules. `embed examples/guard/rust GUARD.wasm` loads one with a log and
//! a policy of its own, calls it, publishes to it, and cancels a call that it makes.

use std::{env, error::Error, fs, future, path::Path};

use boll_host::capsule::Manifest;
use boll_host::policy::{Grant, GrantSet, Requests};
use boll_host::services::hook::NativeSubscription;
use boll_host::services::log::{LogLine, LogSink};
use boll_host::{CallOptions, Load, Runtime};

struct Lines;

impl LogSink for Lines {
    fn write(&mut self, lines: &[LogLine]) {
        for line in lines {
            eprintln!("log: {:?}", line.message);
        }
    }
}

/// Who asks may publish what it likes, and be told of notes; nothing else.
fn policy(asked: &Requests) -> GrantSet {
    let publish = asked
        .publish
        .iter()
        .map(|request| Grant::Publish(request.topic.clone()));
    publish
        .chain("subscribe:notes.*".parse::<Grant>())
        .collect()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (folder, component) = (env::args().nth(1), env::args().nth(2));
    let manifest = Path::new(&folder.ok_or("name the capsule's folder")?).join("Capsule.toml");
    let manifest = Manifest::parse("Capsule.toml", &fs::read_to_string(manifest)?)?;
    let component = fs::read(component.ok_or("name its component")?)?;
    let (id, grants) = (manifest.id.clone(), policy(&manifest.requests));

    // Never answers: what waits for it is there to be cancelled.
    let slow = NativeSubscription::new("slow".parse()?, "guard.masked".parse()?, |_| {
        future::pending()
    });
    let runtime = Runtime::builder()
        .log_sink(Lines)
        .subscription(slow)
        .build()?;
    runtime
        .load(Load::new(manifest, component).grants(grants))
        .await?;

    let note = |text: &str| format!("{text:?}").into_bytes();
    let options = CallOptions::default;
    println!(
        "invoked: {:?}",
        runtime
            .invoke(&id, "review", note("buy milk"), options())
            .await?
    );
    println!(
        "triggered: {:?}",
        runtime.trigger("notes.save", note(""), options()).await?
    );
    let named = CallOptions {
        call_id: Some("7".into()),
        ..options()
    };
    let call = runtime.invoke(&id, "review", note("my secret plan"), named);
    let (ended, calls) = tokio::join!(call, async { runtime.cancel(["7"]) });
    println!("cancelled {calls}: {ended:?}");
    runtime.shut_down().await;
    Ok(())
}
