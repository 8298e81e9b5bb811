//! Ends the hosts that a runner has started: one that hangs, and all of them when
//! the runner is interrupted.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::failure::{Code, Done, Failure};
use crate::interrupt::{Listening, Told};

/// The hosts that run, each in a process group of its own, so that what one has
/// started ends with it.
#[derive(Clone, Default)]
pub(crate) struct Stop(Arc<Inner>);

#[derive(Default)]
struct Inner {
    stopped: AtomicBool,
    groups: Mutex<BTreeSet<i32>>,
}

impl Stop {
    /// Listens for interruption from now on, in a thread of its own.
    pub(crate) fn on_interruption() -> Done<Self> {
        let listening = Listening::begin()?;
        let failed = |error: std::io::Error| {
            let text = format!("cannot listen for signals: {error}");
            Failure::new(Code::Machine, text)
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .map_err(failed)?;
        let told = {
            let _entered = runtime.enter();
            Told::listen()?
        };
        let stop = Self::default();
        let stops = stop.clone();
        thread::spawn(move || {
            // A second signal ends the runner.
            let _listening = listening;
            let mut told = told;
            runtime.block_on(told.came());
            stops.all();
            // Listening goes on until the hosts have ended and the runner with them.
            loop {
                thread::park();
            }
        });
        Ok(stop)
    }

    /// Whether everything has to end.
    pub(crate) fn is_stopped(&self) -> bool {
        self.0.stopped.load(Ordering::SeqCst)
    }

    /// Takes in a host's process group. One that comes too late ends at once.
    pub(super) fn add(&self, group: u32) {
        let group = i32::try_from(group).unwrap_or_default();
        self.groups().insert(group);
        if self.is_stopped() {
            end(group);
        }
    }

    /// Ends a host with all that it has started, and forgets it.
    pub(super) fn end(&self, group: u32) {
        let group = i32::try_from(group).unwrap_or_default();
        if self.groups().remove(&group) {
            end(group);
        }
    }

    fn all(&self) {
        self.0.stopped.store(true, Ordering::SeqCst);
        for group in &*self.groups() {
            end(*group);
        }
    }

    fn groups(&self) -> std::sync::MutexGuard<'_, BTreeSet<i32>> {
        self.0.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn end(group: i32) {
    // It may have ended already.
    let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
}
