//! Run loops: started with their capsule, watched, started again.

use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use super::{Runtime, ServiceSettings};
use crate::call::CallScope;
use crate::capsule::{Capsule, CapsuleState};
use crate::cause::with_causes;
use crate::dispatch::{Dispatcher, LoadedCapsule};
use crate::instance::{InvokeError, lifecycle};
use crate::services::log::{LogLevel, Origin};

impl Runtime {
    /// Starts a capsule's run loop, which goes on until the capsule is unloaded or replaced.
    pub(super) fn start_service(&self, entry: LoadedCapsule) {
        let dispatcher = Arc::clone(&self.0.dispatcher);
        let settings = self.0.services;
        // Without the engine's clock a guest in a loop could not be stopped.
        let engine = Arc::clone(&self.0.engine);
        self.0.tasks.spawn(async move {
            keep_running(&dispatcher, &entry, settings).await;
            drop(engine);
        });
    }
}

async fn keep_running(
    dispatcher: &Arc<Dispatcher>,
    entry: &LoadedCapsule,
    settings: ServiceSettings,
) {
    let capsule = &entry.capsule;
    let stop = &entry.component.stop;
    let mut failures = 0;
    loop {
        let started = Instant::now();
        let reason = match run_once(dispatcher, entry, settings).await {
            Ok(Ok(())) => {
                say(dispatcher, capsule, LogLevel::Info, "the run loop ended");
                return capsule.turn(CapsuleState::Stopped, |_| true);
            }
            Err(InvokeError::Cancelled) => return,
            Ok(Err(reason)) => format!("the run loop failed: {reason}"),
            Err(error) => format!("the run loop crashed: {}", with_causes(&error)),
        };
        if started.elapsed() >= settings.max_backoff {
            failures = 0;
        }
        failures += 1;
        capsule.turn(CapsuleState::Crashed, |_| true);
        let Some(wait) = settings.wait(failures) else {
            let text = format!("{reason}; it is not started again after {failures} failures");
            return say(dispatcher, capsule, LogLevel::Error, &text);
        };
        let text = format!("{reason}; it is started again in {} ms", wait.as_millis());
        say(dispatcher, capsule, LogLevel::Warn, &text);
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        capsule.turn(CapsuleState::Loading, |_| true);
    }
}

/// One run, and the wait for its word that it is ready.
async fn run_once(
    dispatcher: &Arc<Dispatcher>,
    entry: &LoadedCapsule,
    settings: ServiceSettings,
) -> Result<lifecycle::Said, InvokeError> {
    let capsule = &entry.capsule;
    let stop = entry.component.stop.child_token();
    let scope = CallScope::of_capsule(capsule, None, stop);
    let context = dispatcher.context(capsule, scope);
    let bounds = dispatcher.bounds_of(&capsule.manifest);
    let run = lifecycle::run(entry.component.instances.prepared(), context, bounds);
    let mut run = pin!(run);
    let ready = capsule.manifest.service.ready.unwrap_or(settings.ready);
    if let Ok(said) = tokio::time::timeout(ready, &mut run).await {
        return said;
    }
    capsule.turn(CapsuleState::TimedOut, |state| {
        state == CapsuleState::Loading
    });
    run.await
}

/// The host's word about a capsule, in its log.
fn say(dispatcher: &Dispatcher, capsule: &Capsule, level: LogLevel, text: &str) {
    let origin = Origin::of_capsule(capsule.id());
    let log = dispatcher.host.log.of(Arc::new(origin));
    log.note(level, text.to_owned(), Vec::new());
}
