//! The way from asking a process tree to end to making it.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::sleep;

use super::output::{Cause, ProcessLimit};
use crate::sandbox::Control;

/// How long the host's own part of a sandbox may take to go away.
pub(super) const TEARDOWN: Duration = Duration::from_secs(2);

/// From SIGXCPU to SIGKILL.
const AFTER_XCPU: Duration = Duration::from_secs(1);

/// How long a process that has to end is asked before it is made to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grace {
    /// From SIGINT to SIGTERM.
    pub interrupt: Duration,
    /// From SIGTERM to SIGKILL.
    pub terminate: Duration,
}

impl Default for Grace {
    /// 2 s, then 1 s.
    fn default() -> Self {
        Self {
            interrupt: Duration::from_secs(2),
            terminate: Duration::from_secs(1),
        }
    }
}

/// The way from asking a process tree to end to making it.
pub(super) struct Escalation {
    pub(super) cause: Option<Cause>,
    grace: Grace,
    stage: Stage,
    timer: Pin<Box<tokio::time::Sleep>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Running,
    Interrupted,
    Terminated,
    Killed,
}

impl Escalation {
    pub(super) fn new(grace: Grace) -> Self {
        Self {
            cause: None,
            grace,
            stage: Stage::Running,
            timer: Box::pin(sleep(Duration::ZERO)),
        }
    }

    pub(super) async fn wait(&mut self) {
        self.timer.as_mut().await;
    }

    /// Whether a cause would change anything: what the capsule asked for gives
    /// way to what the host wants, which has no patience but the host's.
    pub(super) fn may_begin(&self) -> bool {
        matches!(self.cause, None | Some(Cause::Requested)) && self.stage != Stage::Killed
    }

    pub(super) fn begin(&mut self, cause: Cause, grace: Grace, control: &Control) {
        self.cause = Some(cause);
        self.grace = grace;
        match self.stage {
            Stage::Running => {
                self.next(control);
            }
            Stage::Interrupted => self.be_patient(grace.interrupt),
            Stage::Terminated | Stage::Killed => {}
        }
    }

    pub(super) fn kill(&mut self, control: &Control) {
        self.cause.get_or_insert(Cause::Requested);
        self.stage = Stage::Terminated;
        self.next(control);
    }

    fn be_patient(&mut self, patience: Duration) {
        self.timer
            .as_mut()
            .reset(tokio::time::Instant::now() + patience);
    }

    /// Goes a stage further; false when there is none.
    pub(super) fn next(&mut self, control: &Control) -> bool {
        let cpu_spent = self.cause == Some(Cause::Limit(ProcessLimit::CpuSeconds));
        let (stage, signal, patience) = match self.stage {
            // As the kernel does with a single process that has spent its limit.
            Stage::Running if cpu_spent => (Stage::Terminated, libc::SIGXCPU, AFTER_XCPU),
            Stage::Running => (Stage::Interrupted, libc::SIGINT, self.grace.interrupt),
            Stage::Interrupted => (Stage::Terminated, libc::SIGTERM, self.grace.terminate),
            Stage::Terminated => (Stage::Killed, libc::SIGKILL, TEARDOWN),
            Stage::Killed => return false,
        };
        control.signal(signal);
        self.stage = stage;
        self.be_patient(patience);
        true
    }
}
