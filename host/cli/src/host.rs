//! A runtime with capsules in it: they are loaded together, and end when the user
//! interrupts the program.

pub(crate) mod setup;
pub(crate) mod workspace;

use std::collections::BTreeMap;
use std::pin::pin;
use std::time::Duration;

use boll_host::services::audit::AuditSink;
use boll_host::{Load, LoadError, Runtime, RuntimeBuilder};
use tokio::time::timeout;

use crate::failure::{Done, Failure};
use crate::interrupt::told_to_end;
use crate::prepared::{Loaded, Ready};
use crate::report::reporter::{Reporter, Step};
use crate::session;

/// A runtime before it starts, and the capsules to load into it.
pub(crate) struct Host {
    builder: RuntimeBuilder,
    capsules: Vec<Ready>,
    reporter: Reporter,
}

impl Host {
    fn new(builder: RuntimeBuilder, capsules: Vec<Ready>, reporter: Reporter) -> Self {
        Self {
            builder,
            capsules,
            reporter,
        }
    }

    /// Has each judgement reported to a sink.
    pub(crate) fn audit(self, sink: impl AuditSink) -> Self {
        Self {
            builder: self.builder.audit(sink),
            ..self
        }
    }

    /// Loads all capsules, does the work, and ends everything that was started, also if
    /// the work fails or is interrupted.
    pub(crate) fn run<T>(
        self,
        work: impl AsyncFnOnce(&Runtime, Vec<Loaded>) -> Done<T>,
    ) -> Done<T> {
        let Self {
            builder,
            capsules,
            reporter,
        } = self;
        session::block_on(async {
            let runtime = session::build(builder)?;
            let done = until_interrupted(&runtime, async {
                let loaded = load_all(&runtime, capsules, &reporter).await?;
                work(&runtime, loaded).await
            })
            .await;
            // Nothing that was started may be left, and the log tells what happened.
            runtime.shut_down().await;
            done
        })
    }
}

/// Loads capsules. The error for one that cannot be loaded has its hints.
async fn load_all(
    runtime: &Runtime,
    capsules: Vec<Ready>,
    reporter: &Reporter,
) -> Done<Vec<Loaded>> {
    let (mut loads, mut loaded, mut hints) = (Vec::new(), Vec::new(), BTreeMap::new());
    for capsule in capsules {
        hints.insert(capsule.loaded.wanted.id().clone(), capsule.hints);
        loads.push(capsule.load);
        loaded.push(capsule.loaded);
    }
    let failed = |error: LoadError| {
        let hints = hints.get(&error.capsule).cloned().unwrap_or_default();
        hints.into_iter().fold(Failure::from(error), Failure::hint)
    };
    load_shown(runtime, loads, reporter).await.map_err(failed)?;
    Ok(loaded)
}

async fn until_interrupted<T>(runtime: &Runtime, work: impl Future<Output = Done<T>>) -> Done<T> {
    let mut work = pin!(work);
    let told = tokio::select! {
        done = &mut work => return done,
        told = told_to_end() => told,
    };
    // The work goes on until its processes, which are asked to end, have ended, and no
    // longer than that takes. A second signal ends the program and the processes at once.
    let mut shut_down = pin!(runtime.shut_down());
    tokio::select! {
        _ = &mut work => shut_down.await,
        () = &mut shut_down => drop(timeout(AFTER, work).await),
    }
    Err(told)
}

/// How long to wait for work that does not notice the end of its runtime.
const AFTER: Duration = Duration::from_secs(1);

/// How often to check whether something is being compiled.
const LOOK: Duration = Duration::from_millis(250);

/// Loads capsules, and shows on a terminal that components are being compiled if that
/// takes a while.
async fn load_shown(
    runtime: &Runtime,
    loads: Vec<Load>,
    reporter: &Reporter,
) -> Result<(), LoadError> {
    let ids: Vec<&str> = loads.iter().map(|load| load.id().as_str()).collect();
    let what = format!("compiling {}", ids.join(", "));
    let mut loaded = pin!(runtime.load_all(loads));
    let mut step: Option<Step> = None;
    let mut looked = 0;
    loop {
        let looks = timeout(LOOK, &mut loaded).await;
        if let Ok(loaded) = looks {
            match (step, &loaded) {
                (Some(step), Ok(_)) => step.done(),
                (Some(step), Err(_)) => step.failed(),
                (None, _) => {}
            }
            return loaded.map(drop);
        }
        looked = if runtime.compiling() > 0 {
            looked + 1
        } else {
            0
        };
        match (looked, &step) {
            (0, Some(_)) => step.take().map_or((), Step::done),
            // At the second check: most compilations take less.
            (2.., None) if reporter.is_terminal() => step = Some(reporter.step(what.clone())),
            _ => {}
        }
    }
}
