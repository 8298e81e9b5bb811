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
    let topics = asked.publish.iter().map(|request| request.topic.clone());
    let notes = "subscribe:notes.*".parse::<Grant>();
    topics.map(Grant::Publish).chain(notes).collect()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (folder, component) = (env::args().nth(1), env::args().nth(2));
    let manifest = Path::new(&folder.ok_or("name the capsule's folder")?).join("Capsule.toml");
    let manifest = Manifest::parse("Capsule.toml", &fs::read_to_string(manifest)?)?;
    let component = fs::read(component.ok_or("name its component")?)?;
    let (id, grants) = (manifest.id.clone(), policy(&manifest.requests));

    // Never answers: what waits for it is there to be cancelled.
    let never = |_| future::pending();
    let slow = NativeSubscription::new("slow".parse()?, "guard.masked".parse()?, never);
    let builder = Runtime::builder().log_sink(Lines).subscription(slow);
    let runtime = builder.build()?;
    let capsule = Load::new(manifest, component).grants(grants);
    runtime.load(capsule).await?;

    let note = |text: &str| format!("{text:?}").into_bytes();
    let mut options = CallOptions::default();
    let review = |text, options| runtime.invoke(&id, "review", note(text), options);
    let invoked = review("buy milk", options.clone()).await?;
    println!("invoked: {invoked:?}");
    let triggered = runtime.trigger("notes.save", note(""), options.clone());
    println!("triggered: {:?}", triggered.await?);

    options.call_id = Some("7".into());
    let call = review("my secret plan", options);
    let (ended, calls) = tokio::join!(call, async { runtime.cancel(["7"]) });
    println!("cancelled {calls}: {ended:?}");
    runtime.shut_down().await;
    Ok(())
}
