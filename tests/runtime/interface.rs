//! Interfaces of the embedder's own: linked, asked for, granted, and ended with their call.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use boll_host::capsule::{CapsuleId, Manifest};
use boll_host::policy::{Denial, GrantSet};
use boll_host::services::audit::{AuditEvent, AuditSink, Requested};
use boll_host::wasmtime::{self, component::Linker};
use boll_host::{
    BuildError, CallError, CallOptions, ContractError, HasInterface, HostInterface, InterfaceError,
    InterfaceView, InvokeError, Load, LoadCause, Outcome, Runtime, RuntimeBuilder,
};

use crate::bench::{grants, named, until};
use crate::support::guests::keyvalue;

wasmtime::component::bindgen!({
    path: "../../examples/embed-interface/wit",
    world: "host",
    imports: { default: async },
    wasmtime_crate: boll_host::wasmtime,
});

use acme::keyvalue::store::{self, Error, Host};

const ASKS: &str = "[[interface]]\nname = \"acme:keyvalue/store\"\n";
const GRANT: &str = "interface:acme:keyvalue/store";

/// A store whose keys say what happens.
#[derive(Default)]
struct Store {
    waiting: Arc<AtomicUsize>,
}

/// Counts who waits, until it is dropped.
struct Waiting(Arc<AtomicUsize>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl HostInterface for Store {
    const NAME: &'static str = "acme:keyvalue/store@0.1.3";

    fn add_to_linker<T: Send + 'static>(
        linker: &mut Linker<T>,
        view: fn(&mut T) -> InterfaceView<'_, Self>,
    ) -> wasmtime::Result<()> {
        store::add_to_linker::<T, HasInterface<Self>>(linker, view)
    }
}

impl Host for InterfaceView<'_, Store> {
    async fn get(&mut self, key: String) -> Result<Option<String>, Error> {
        let store = self.granted()?;
        match key.as_str() {
            "panic" => panic!("the store is broken"),
            "wait" => {
                store.waiting.fetch_add(1, Ordering::SeqCst);
                let _waiting = Waiting(Arc::clone(&store.waiting));
                std::future::pending().await
            }
            "who" => {
                let origin = self.origin();
                let left = self.deadline().map(|deadline| deadline.elapsed());
                let (chain, cancelled) = (self.chain(), self.is_cancelled());
                Ok(Some(format!("{origin:?} {left:?} {chain:?} {cancelled}")))
            }
            _ => Ok(None),
        }
    }

    async fn set(&mut self, _key: String, _value: String) -> Result<(), Error> {
        self.granted().map(drop).map_err(Error::from)
    }
}

impl From<Denial> for Error {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial.to_string())
    }
}

/// The same name in another type.
struct Again;

impl HostInterface for Again {
    const NAME: &'static str = "acme:keyvalue/store@0.2.0";

    fn add_to_linker<T: Send + 'static>(
        _: &mut Linker<T>,
        _: fn(&mut T) -> InterfaceView<'_, Self>,
    ) -> wasmtime::Result<()> {
        Ok(())
    }
}

/// A name that the host has taken.
struct Log;

impl HostInterface for Log {
    const NAME: &'static str = "wasi:io/poll@0.2.0";

    fn add_to_linker<T: Send + 'static>(
        _: &mut Linker<T>,
        _: fn(&mut T) -> InterfaceView<'_, Self>,
    ) -> wasmtime::Result<()> {
        Ok(())
    }
}

/// No name of an interface.
struct Nameless;

impl HostInterface for Nameless {
    const NAME: &'static str = "store";

    fn add_to_linker<T: Send + 'static>(
        _: &mut Linker<T>,
        _: fn(&mut T) -> InterfaceView<'_, Self>,
    ) -> wasmtime::Result<()> {
        Ok(())
    }
}

#[derive(Clone, Default)]
struct Judged(Arc<Mutex<Vec<AuditEvent>>>);

impl AuditSink for Judged {
    fn judged(&self, event: AuditEvent) {
        self.0.lock().expect("no panic").push(event);
    }
}

/// The capsule, with more in its manifest.
fn load(more: &str, granted: &[&str]) -> Load {
    let text = format!("[capsule]\nid = \"kv\"\nversion = \"1.0.0\"\n{more}");
    let manifest = Manifest::parse("Capsule.toml", &text).expect("a manifest");
    let component = fs::read(keyvalue()).expect("it is built");
    Load::new(manifest, component).grants(grants(granted))
}

async fn get(runtime: &Runtime, id: &CapsuleId, key: &str) -> Result<Outcome, CallError> {
    let payload = format!("{key:?}").into_bytes();
    let options = CallOptions {
        principal: Some("ann".into()),
        ..named("c")
    };
    runtime.invoke(id, "get", payload, options).await
}

fn build(builder: RuntimeBuilder) -> Runtime {
    builder.build().expect("a runtime")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interface_of_the_embedders_is_used_where_it_is_asked_for_and_granted() {
    let judged = Judged::default();
    let builder = Runtime::builder().interface(Store::default());
    let runtime = build(builder.audit(judged.clone()));
    // Without asking it is not even loaded.
    let unasked = runtime.load(load("", &[GRANT])).await.expect_err("unasked");
    let LoadCause::Contract(unasked @ ContractError::InterfaceNotAskedFor(_)) = unasked.cause
    else {
        panic!("{unasked:?}");
    };
    let text = unasked.to_string();
    assert!(
        text.contains("add an `[[interface]]` with `name = \"acme:keyvalue/store\"`"),
        "{text}"
    );

    let id = runtime.load(load(ASKS, &[GRANT])).await.expect("loaded");
    assert_eq!(runtime.held(&id).expect("loaded")[0].name, GRANT);
    let got = get(&runtime, &id, "x").await.expect("an answer");
    assert_eq!(got, Outcome::Continue(Some(b"null".to_vec())));
    let Ok(Outcome::Continue(Some(who))) = get(&runtime, &id, "who").await else {
        panic!("no answer");
    };
    let who = String::from_utf8(who).expect("UTF-8");
    assert!(who.contains("ann") && who.ends_with("[] false\""), "{who}");

    runtime.set_grants(&id, &GrantSet::default());
    let Ok(Outcome::Failed(denied)) = get(&runtime, &id, "x").await else {
        panic!("it was allowed");
    };
    assert_eq!(
        denied,
        format!("{GRANT} is not allowed: the operator has not granted it; \"{GRANT}\" would")
    );
    let judged = judged.0.lock().expect("no panic").clone();
    let told: Vec<_> = judged
        .iter()
        .map(|event| (event.capability.as_str(), event.request.clone()))
        .collect();
    let allowed = (GRANT, Some(Requested::Interface(0)));
    assert_eq!(told, [allowed.clone(), allowed, (GRANT, None)]);
    assert!(judged[2].refused.is_some());
    runtime.shut_down().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_of_the_embedders_ends_with_its_call_and_its_panic_is_contained() {
    let store = Store::default();
    let waiting = Arc::clone(&store.waiting);
    let runtime = build(Runtime::builder().interface(store));
    for mode in ["fresh", "resident"] {
        let more = format!("{ASKS}[instance]\nmode = \"{mode}\"\ntime-ms = 20000");
        let id = runtime.load(load(&more, &[GRANT])).await.expect("loaded");
        let error = get(&runtime, &id, "panic").await.expect_err("it panicked");
        let CallError::Invoke {
            error: InvokeError::HostPanicked(text),
            ..
        } = error
        else {
            panic!("{error:?}");
        };
        assert_eq!(text, "the store is broken");
        // Nothing of it is left for the next.
        get(&runtime, &id, "x").await.expect("an answer");

        let (ended, ()) = tokio::join!(get(&runtime, &id, "wait"), async {
            until("it waits", || waiting.load(Ordering::SeqCst) == 1).await;
            assert_eq!(runtime.cancel(["c"]), 1);
        });
        let error = ended.expect_err("it was cancelled");
        assert!(
            matches!(
                &error,
                CallError::Invoke {
                    error: InvokeError::Cancelled,
                    ..
                }
            ),
            "{error:?}"
        );
        assert_eq!(waiting.load(Ordering::SeqCst), 0);
    }
    let ended = tokio::time::timeout(Duration::from_secs(10), runtime.shut_down());
    ended.await.expect("it ends");
}

#[tokio::test]
async fn a_host_without_the_interface_refuses_and_says_what_it_has() {
    let runtime = build(Runtime::builder());
    let error = runtime.load(load(ASKS, &[GRANT])).await.expect_err("none");
    let text = boll_host::with_causes(&error);
    assert!(
        text.contains("`acme:keyvalue/store@0.1.0`, which is neither"),
        "{text}"
    );
    let runtime = build(Runtime::builder().interface(Again));
    let error = runtime.load(load(ASKS, &[GRANT])).await.expect_err("none");
    let text = boll_host::with_causes(&error);
    let has = "`acme:keyvalue/store@0.1.0`; the host has `acme:keyvalue/store@0.2.0`";
    assert!(text.contains(has), "{text}");
}

#[test]
fn a_name_is_of_one_interface() {
    let error = |builder: RuntimeBuilder| match builder.build().expect_err("refused") {
        BuildError::Interface(error) => error,
        other => panic!("{other:?}"),
    };
    let taken = |builder| matches!(error(builder), InterfaceError::Taken(_));
    let one = || Runtime::builder().interface(Store::default());
    assert!(taken(one().interface(Store::default())));
    assert!(taken(one().interface(Again)));
    assert!(taken(Runtime::builder().interface(Log)));
    let nameless = error(Runtime::builder().interface(Nameless));
    assert!(
        matches!(nameless, InterfaceError::Name { .. }),
        "{nameless:?}"
    );
}
