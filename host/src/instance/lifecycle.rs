//! The exports that the host calls of itself: the run loop, the installation,
//! the upgrade.

use std::sync::Arc;
use std::time::Duration;

use wasmtime::{Engine, Store};

use super::PreparedComponent;
use super::error::InvokeError;
use super::live::{Bounds, Live};
use super::state::InstanceState;
use super::stops::Stops;
use crate::interfaces::CallContext;

/// What a capsule says: that it is done, or why it is not.
pub(crate) type Said = Result<(), String>;

/// Runs the loop of a service until it ends or is stopped.
pub(crate) async fn run(
    prepared: &PreparedComponent,
    call: CallContext,
    bounds: Bounds,
) -> Result<Said, InvokeError> {
    let Some(exports) = &prepared.run else {
        return Ok(Ok(()));
    };
    // Without a deadline: it ends when it likes.
    alone(
        call,
        bounds,
        None,
        exports.engine(),
        async |store| exports.instantiate_async(store).await,
        async |store, guest| guest.boll_lifecycle_run().call_run(store).await,
    )
    .await
}

/// Tells a capsule that it is loaded for the first time.
pub(crate) async fn install(
    prepared: &PreparedComponent,
    call: CallContext,
    bounds: Bounds,
    time: Duration,
) -> Result<Said, InvokeError> {
    let Some(exports) = &prepared.install else {
        return Ok(Ok(()));
    };
    alone(
        call,
        bounds,
        Some(time),
        exports.engine(),
        async |store| exports.instantiate_async(store).await,
        async |store, guest| guest.boll_lifecycle_install().call_install(store).await,
    )
    .await
}

/// Tells a capsule that its version has risen from `previous`.
pub(crate) async fn upgrade(
    prepared: &PreparedComponent,
    call: CallContext,
    bounds: Bounds,
    time: Duration,
    previous: &str,
) -> Result<Said, InvokeError> {
    let Some(exports) = &prepared.upgrade else {
        return Ok(Ok(()));
    };
    alone(
        call,
        bounds,
        Some(time),
        exports.engine(),
        async |store| exports.instantiate_async(store).await,
        async |store, guest| {
            guest
                .boll_lifecycle_upgrade()
                .call_upgrade(store, previous)
                .await
        },
    )
    .await
}

/// A call of an export in an instance of its own. Nothing that it started is left
/// afterwards.
async fn alone<G>(
    call: CallContext,
    bounds: Bounds,
    time: Option<Duration>,
    engine: &Engine,
    instantiate: impl AsyncFnOnce(&mut Store<InstanceState>) -> wasmtime::Result<G>,
    export: impl AsyncFnOnce(&mut Store<InstanceState>, &G) -> wasmtime::Result<Said>,
) -> Result<Said, InvokeError> {
    let scope = Arc::clone(&call.scope);
    let stops = Stops::of(&scope, time.unwrap_or_default());
    let work = async {
        let mut live = Live::new(call, bounds, engine, instantiate).await?;
        live.call(export).await
    };
    let said = stops.hold(work).await;
    scope.running.wait().await;
    said
}
