//! A program that gives capsules a key-value store of its own. `embed-interface
//! examples/embed-interface/guest GUEST.wasm` loads the one that uses it, and calls it for
//! two principals, and once more after the grant is revoked.

mod store;

use std::{env, error::Error, fs, path::Path};

use boll_host::capsule::Manifest;
use boll_host::policy::{Grant, GrantSet};
use boll_host::services::audit::{AuditEvent, AuditSink};
use boll_host::{CallOptions, Load, Runtime};

struct Audit;

impl AuditSink for Audit {
    fn judged(&self, event: AuditEvent) {
        eprintln!("audit: {} {:?}", event.capability, event.refused);
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (folder, component) = (env::args().nth(1), env::args().nth(2));
    let manifest = Path::new(&folder.ok_or("name the capsule's folder")?).join("Capsule.toml");
    let manifest = Manifest::parse("Capsule.toml", &fs::read_to_string(manifest)?)?;
    let component = fs::read(component.ok_or("name its component")?)?;

    let builder = Runtime::builder().interface(store::Store::default());
    let runtime = builder.audit(Audit).build()?;
    let grant: Grant = "interface:acme:keyvalue/store".parse()?;
    let load = Load::new(manifest, component).grants(GrantSet::from_iter([grant]));
    let id = runtime.load(load).await?;

    let call = |action, principal: &str, payload: &str| {
        let principal = Some(principal.into());
        let options = CallOptions {
            principal,
            ..CallOptions::default()
        };
        runtime.invoke(&id, action, payload.into(), options)
    };
    let set = call("set", "ann", r#"["colour", "green"]"#).await?;
    println!("ann sets: {set:?}");
    println!("ann gets: {:?}", call("get", "ann", r#""colour""#).await?);
    println!("bob gets: {:?}", call("get", "bob", r#""colour""#).await?);

    runtime.set_grants(&id, &GrantSet::default());
    println!("revoked: {:?}", call("get", "ann", r#""colour""#).await?);
    runtime.shut_down().await;
    Ok(())
}
