//! What is known of a process: while it runs, from its init; at its end, all.

use std::io;
use std::time::{Duration, Instant};

use super::output::Cause;
use crate::sandbox::{Control, End, Full, LaunchStep, Message, TreeLimit, Usage};

/// What is known at the end.
#[derive(Debug)]
pub(super) struct Life {
    pub(super) ended: Ended,
    pub(super) elapsed: Duration,
    pub(super) usage: Usage,
    /// What was full when it ended.
    pub(super) full: Full,
    /// The limit on all processes together that it has met.
    pub(super) limit_hit: Option<TreeLimit>,
    /// Why it was made to end; `None` when it was not.
    pub(super) stopped: Option<Cause>,
    /// The signals that its holder sent.
    pub(super) signalled: Signals,
}

/// A set of signals.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Signals(u64);

impl Signals {
    pub(super) fn add(&mut self, signal: i32) {
        self.0 |= 1u64.checked_shl(signal as u32).unwrap_or_default();
    }

    pub(super) fn has(self, signal: u8) -> bool {
        self.0 >> (signal & 63) & 1 == 1
    }
}

/// How it ended.
#[derive(Debug)]
pub(super) enum Ended {
    Command(End),
    /// The program did not start.
    NotStarted {
        step: LaunchStep,
        errno: i32,
    },
    /// The sandbox did not come up; what its builder said.
    NoSandbox(String),
}

/// What the init told so far.
#[derive(Default)]
pub(super) struct InitReport {
    started: Option<Instant>,
    pub(super) ended: Option<Ended>,
    elapsed: Option<Duration>,
    pub(super) usage: Usage,
    pub(super) full: Full,
}

impl InitReport {
    pub(super) fn note(&mut self, message: Message) {
        match message {
            Message::Started => self.started = Some(Instant::now()),
            Message::Failed { step, errno } => {
                self.ended = Some(Ended::NotStarted { step, errno });
            }
            Message::Ended {
                end,
                elapsed,
                usage,
                full,
            } => {
                self.full = full;
                self.ended = Some(Ended::Command(end));
                self.elapsed = Some(elapsed);
                self.usage = usage;
            }
        }
    }

    pub(super) fn elapsed(&self) -> Duration {
        let so_far = || self.started.map(|started| started.elapsed());
        self.elapsed.or_else(so_far).unwrap_or_default()
    }

    /// How it ended, also when the init could not tell.
    pub(super) fn ended(&mut self, stopped: Option<Cause>, control: &Control) -> io::Result<Ended> {
        if let Some(ended) = self.ended.take() {
            return Ok(ended);
        }
        // An init that ran and said nothing was killed itself; so was a
        // sandbox that was stopped before it came up.
        if self.started.is_some() || stopped.is_some() {
            return Ok(Ended::Command(End::Signal(libc::SIGKILL as u8)));
        }
        Ok(Ended::NoSandbox(control.complaint()?))
    }
}
