//! The guest in a Boll runtime, with a policy, a real sink and, where asked
//! for, a sandbox.

use std::path::Path;
use std::time::Duration;

use boll_host::capsule::{CapsuleId, Manifest};
use boll_host::engine::ComponentCache;
use boll_host::policy::{Confinement, GrantSet, Permissions};
use boll_host::sandbox::Sandbox;
use boll_host::services::log::{FileSettings, FileSink, LogRate, LogSettings, LogSink};
use boll_host::{CallOptions, Load, Outcome, Runtime, RuntimeBuilder};

use super::guest;
use super::sink::{BufferSink, Counted, Written};

/// The loaded guest.
#[derive(Clone)]
pub(crate) struct BollGuest {
    pub(crate) runtime: Runtime,
    pub(crate) written: Written,
    id: CapsuleId,
}

impl BollGuest {
    pub(crate) async fn load() -> Self {
        Self::with(|builder| builder, request()).await
    }

    /// Its log goes to files in a folder.
    pub(crate) async fn logging_to(folder: &Path) -> Self {
        let files = FileSink::open(folder, FileSettings::default()).expect("a folder");
        Self::sinking(files.admitting(|_| true), |builder| builder, request()).await
    }

    pub(crate) async fn in_sandbox(sandbox: Sandbox) -> Self {
        let load = granted(
            guest::manifest(),
            guest::component().to_vec(),
            sandbox.confinement(),
        );
        Self::with(|builder| builder.sandbox(sandbox), load).await
    }

    /// The other guest, which reads what a child writes.
    pub(crate) async fn of_streams(sandbox: Sandbox) -> Self {
        let (manifest, component) = guest::stream();
        let load = granted(manifest, component, sandbox.confinement());
        Self::with(|builder| builder.sandbox(sandbox), load).await
    }

    pub(crate) async fn cached(cache: ComponentCache) -> Self {
        Self::with(|builder| builder.cache(cache), request()).await
    }

    async fn with(set_up: impl FnOnce(RuntimeBuilder) -> RuntimeBuilder, load: Load) -> Self {
        Self::sinking(BufferSink::new(), set_up, load).await
    }

    async fn sinking(
        sink: impl LogSink,
        set_up: impl FnOnce(RuntimeBuilder) -> RuntimeBuilder,
        load: Load,
    ) -> Self {
        let written = Written::default();
        // The limit is judged for each line, and never reached.
        let rate = LogRate {
            lines: u32::MAX,
            burst: u32::MAX,
            bytes: u64::MAX,
            burst_bytes: u64::MAX,
        };
        let settings = LogSettings {
            rate,
            ..LogSettings::default()
        };
        let builder = Runtime::builder()
            .log(settings)
            .log_sink(Counted::new(sink, written.clone()));
        let runtime = set_up(builder).build().expect("a runtime");
        let id = runtime.load(load).await.expect("the guest loads");
        Self {
            runtime,
            written,
            id,
        }
    }

    /// Unloads it, so that nothing of it is left.
    pub(crate) fn unload(&self) {
        assert!(self.runtime.unload(&self.id), "it was loaded");
    }

    /// Calls an action as a server would: on someone's behalf, and so that it
    /// can be cancelled.
    pub(crate) async fn call(&self, action: &str, payload: Vec<u8>) -> Vec<u8> {
        let options = CallOptions {
            principal: Some("alice".into()),
            call_id: Some("call-1".into()),
            time: None,
        };
        let outcome = self
            .runtime
            .invoke(&self.id, action, payload, options)
            .await
            .expect("an answer");
        match outcome {
            Outcome::Continue(payload) => payload.unwrap_or_default(),
            other => panic!("{other:?}"),
        }
    }

    /// The time that the guest took to repeat an action.
    pub(crate) async fn timed(&self, action: &str, repetitions: u64) -> Duration {
        guest::time(&self.call(action, guest::repetitions(repetitions)).await)
    }
}

/// What is loaded, with all that its manifest asks for granted.
pub(crate) fn request() -> Load {
    let component = guest::component().to_vec();
    granted(guest::manifest(), component, Confinement::Sandboxed)
}

fn granted(manifest: Manifest, component: Vec<u8>, confinement: Confinement) -> Load {
    let nothing = GrantSet::default();
    let missing = Permissions::new(&manifest.requests, &nothing).missing(confinement);
    Load::new(manifest, component).grants(missing.into_iter().collect())
}
