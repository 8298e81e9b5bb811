//! Calls to `boll:process/children`.

use super::{process, time};
use crate::bindings::boll::process::children as raw;
use crate::process::{
    Channel, ChildError, ChildId, Chunk, Command, Ends, Error, ExitStatus, Output, Phase, Signal,
    Status, Summary,
};
use std::time::Duration;

pub(crate) fn spawn(command: &Command, ends: Ends<'_>) -> Result<Child, Error> {
    let child = raw::spawn(&process::lower(command, ends)).map_err(process::error)?;
    Ok(Child(child))
}

pub(crate) fn attach(id: &str) -> Result<Child, ChildError> {
    raw::attach(id).map(Child).map_err(error)
}

pub(crate) fn children() -> Vec<Summary> {
    let summaries = raw::list().into_iter();
    summaries
        .map(|summary| Summary {
            id: ChildId::from(summary.id),
            label: summary.label,
            program: summary.program,
            phase: phase(summary.phase),
            detached: summary.detached,
            started_at: time(summary.started_at_ms),
        })
        .collect()
}

/// The host's handle of a child.
pub(crate) struct Child(pub(super) raw::Child);

impl Child {
    pub(crate) fn id(&self) -> String {
        self.0.id()
    }

    /// How many bytes were taken before the timeout; `None` waits for one.
    pub(crate) fn write(
        &self,
        bytes: &[u8],
        timeout: Option<Duration>,
    ) -> Result<usize, ChildError> {
        let taken = waiting(timeout, |ms| {
            let taken = self.0.write(bytes, ms).map_err(error)?;
            Ok((taken > 0).then_some(taken))
        })?;
        // No more than were given.
        Ok(taken.map_or(0, |taken| taken as usize))
    }

    pub(crate) fn close_stdin(&self) -> Result<(), ChildError> {
        self.0.close_stdin().map_err(error)
    }

    /// `None` when nothing came before the timeout.
    pub(crate) fn read(
        &self,
        channel: Channel,
        cursor: u64,
        max: usize,
        timeout: Option<Duration>,
    ) -> Result<Option<Chunk>, ChildError> {
        let max = u32::try_from(max).unwrap_or(u32::MAX);
        waiting(timeout, |ms| {
            let chunk = self.0.read(raw_channel(channel), cursor, max, ms);
            let chunk = chunk.map_err(error)?;
            let came = chunk.eof || !chunk.bytes.is_empty();
            Ok(came.then_some(Chunk {
                bytes: chunk.bytes,
                next: chunk.next,
                dropped: chunk.dropped,
            }))
        })
    }

    pub(crate) fn status(&self) -> Status {
        let status = self.0.status();
        Status {
            phase: phase(status.phase),
            cpu: Duration::from_millis(status.cpu_ms),
            peak_memory: status.peak_memory,
        }
    }

    /// `None` when the timeout passed first.
    pub(crate) fn wait(&self, timeout: Option<Duration>) -> Result<Option<ExitStatus>, ChildError> {
        let exit = match timeout {
            None => self.0.wait(None).map_err(error)?,
            timeout => waiting(timeout, |ms| self.0.wait(Some(ms)).map_err(error))?,
        };
        exit.map(exit_status).transpose()
    }

    pub(crate) fn signal(&self, signal: Signal) -> Result<(), ChildError> {
        self.0.signal(raw_signal(signal)).map_err(error)
    }

    pub(crate) fn stop(&self, grace: Option<Duration>) -> Result<ExitStatus, ChildError> {
        let grace =
            grace.map(|grace| u32::try_from(process::milliseconds(grace)).unwrap_or(u32::MAX));
        self.0.stop(grace).map_err(error).and_then(exit_status)
    }

    pub(crate) fn kill(&self) -> Result<Output, ChildError> {
        let output = self.0.kill().map_err(error)?;
        process::lift(output).map_err(launch_failed)
    }

    pub(crate) fn detach(&self) -> Result<String, ChildError> {
        self.0.detach().map_err(error)
    }
}

/// Asks until there is an answer or the time is up; one question waits at most
/// `u32::MAX` milliseconds.
fn waiting<T>(
    timeout: Option<Duration>,
    mut ask: impl FnMut(u32) -> Result<Option<T>, ChildError>,
) -> Result<Option<T>, ChildError> {
    let mut left = timeout.map(process::milliseconds);
    loop {
        let step = left.map_or(u32::MAX, |left| u32::try_from(left).unwrap_or(u32::MAX));
        if let Some(answer) = ask(step)? {
            return Ok(Some(answer));
        }
        if let Some(left) = &mut left {
            *left -= u64::from(step);
            if *left == 0 {
                return Ok(None);
            }
        }
    }
}

fn exit_status(exit: raw::Exit) -> Result<ExitStatus, ChildError> {
    process::status(exit).map_err(launch_failed)
}

fn launch_failed(failure: crate::bindings::boll::process::process::LaunchFailure) -> ChildError {
    ChildError::LaunchFailed {
        step: process::step(failure.step),
        errno: failure.errno,
        message: failure.message,
    }
}

fn phase(phase: raw::Phase) -> Phase {
    match phase {
        raw::Phase::Starting => Phase::Starting,
        raw::Phase::Running => Phase::Running,
        raw::Phase::Exited => Phase::Exited,
    }
}

pub(super) fn raw_channel(channel: Channel) -> raw::Channel {
    match channel {
        Channel::Stdout => raw::Channel::Stdout,
        Channel::Stderr => raw::Channel::Stderr,
    }
}

fn raw_signal(signal: Signal) -> raw::Signal {
    match signal {
        Signal::Hangup => raw::Signal::Hangup,
        Signal::Interrupt => raw::Signal::Interrupt,
        Signal::Quit => raw::Signal::Quit,
        Signal::Kill => raw::Signal::Kill,
        Signal::User1 => raw::Signal::User1,
        Signal::User2 => raw::Signal::User2,
        Signal::Terminate => raw::Signal::Terminate,
        Signal::Continue => raw::Signal::Continue,
        Signal::Stop => raw::Signal::Stop,
        Signal::WindowChange => raw::Signal::WindowChange,
    }
}

pub(super) fn error(error: raw::Error) -> ChildError {
    match error {
        raw::Error::UnknownChild => ChildError::UnknownChild,
        raw::Error::WrongStream => ChildError::WrongStream,
        raw::Error::Closed => ChildError::Closed,
        raw::Error::TooLarge(limit) => ChildError::TooLarge(limit),
        raw::Error::Cancelled => ChildError::Cancelled,
        raw::Error::ShuttingDown => ChildError::ShuttingDown,
        raw::Error::Host(text) => ChildError::Host(text),
    }
}
