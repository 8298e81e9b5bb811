//! The exports that the host calls of itself: the run loop, the installation,
//! the upgrade.

use std::time::Duration;

use super::Prepared;
use super::error::InvokeError;
use super::live::Live;
use super::stops::Stops;
use crate::caller::Deadline;
use crate::interfaces::CallContext;

/// What a capsule says: that it is done, or why it is not.
pub(crate) type Said = Result<(), String>;

/// Runs the loop of a service until it ends or is stopped.
pub(crate) async fn run(
    prepared: &Prepared,
    call: CallContext,
    memory: u64,
) -> Result<Said, InvokeError> {
    let Some(exports) = &prepared.run else {
        return Ok(Ok(()));
    };
    // Without a deadline: it ends when it likes.
    once(call, None, async |call| {
        let mut live = Live::new(call, memory, exports.engine(), async |store| {
            exports.instantiate_async(store).await
        })
        .await?;
        live.call(async |store, guest| guest.boll_lifecycle_run().call_run(store).await)
            .await
    })
    .await
}

/// Tells a capsule that it is loaded for the first time.
pub(crate) async fn install(
    prepared: &Prepared,
    call: CallContext,
    memory: u64,
    time: Duration,
) -> Result<Said, InvokeError> {
    let Some(exports) = &prepared.install else {
        return Ok(Ok(()));
    };
    once(call, Some(time), async |call| {
        let mut live = Live::new(call, memory, exports.engine(), async |store| {
            exports.instantiate_async(store).await
        })
        .await?;
        live.call(async |store, guest| guest.boll_lifecycle_install().call_install(store).await)
            .await
    })
    .await
}

/// Tells a capsule that its version has risen from `previous`.
pub(crate) async fn upgrade(
    prepared: &Prepared,
    call: CallContext,
    memory: u64,
    time: Duration,
    previous: &str,
) -> Result<Said, InvokeError> {
    let Some(exports) = &prepared.upgrade else {
        return Ok(Ok(()));
    };
    once(call, Some(time), async |call| {
        let mut live = Live::new(call, memory, exports.engine(), async |store| {
            exports.instantiate_async(store).await
        })
        .await?;
        live.call(async |store, guest| {
            guest
                .boll_lifecycle_upgrade()
                .call_upgrade(store, previous)
                .await
        })
        .await
    })
    .await
}

/// A call in an instance of its own. Nothing that it started is left afterwards.
async fn once(
    mut call: CallContext,
    time: Option<Duration>,
    work: impl AsyncFnOnce(CallContext) -> Result<Said, InvokeError>,
) -> Result<Said, InvokeError> {
    call.deadline = time.map(Deadline::after);
    let running = call.running.clone();
    let stops = Stops::of(&call, time.unwrap_or_default());
    let said = stops.hold(work(call)).await;
    running.wait().await;
    said
}
