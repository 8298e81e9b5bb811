//! `boll:process/children`.

use super::process::{Command, Error as StartError, Exit, Output};
use super::process::{changed, changed_exit, changed_output};
use crate::bindings::boll::process::children as host;
use crate::fault;

pub use host::{Channel, Chunk, Error, Phase, Signal, Status, Summary};

/// A child of the host.
#[derive(Debug)]
pub struct Child(pub(super) host::Child);

/// Asks the host.
///
/// # Errors
///
/// The host's.
pub fn spawn(command: &Command) -> Result<Child, StartError> {
    host::spawn(&changed(command)).map(Child)
}

/// Asks the host.
///
/// # Errors
///
/// The host's.
pub fn attach(id: &str) -> Result<Child, Error> {
    host::attach(id).map(Child).map_err(wrong)
}

/// Asks the host.
#[must_use]
pub fn list() -> Vec<Summary> {
    let mut all = host::list();
    if fault::is("list-newest-first") {
        all.reverse();
    }
    for child in &mut all {
        if fault::is("list-without-label") {
            child.label = None;
        }
        if fault::is("list-never-detached") {
            child.detached = false;
        }
        if fault::is("list-always-running") {
            child.phase = Phase::Running;
        }
        if fault::is("list-started-at-zero") {
            child.started_at_ms = 0;
        }
    }
    all
}

fn wrong(error: Error) -> Error {
    match error {
        Error::UnknownChild if fault::is("unknown-child-revealed") => Error::WrongStream,
        Error::WrongStream if fault::is("wrong-stream-is-closed") => Error::Closed,
        Error::Closed if fault::is("closed-is-wrong-stream") => Error::WrongStream,
        error => error,
    }
}

/// Each passes on what it is given, and what the host answers.
#[allow(missing_docs, clippy::missing_errors_doc)]
impl Child {
    #[must_use]
    pub fn id(&self) -> String {
        match fault::is("child-id-short") {
            true => "1".to_owned(),
            false => self.0.id(),
        }
    }

    pub fn write(&self, bytes: &[u8], timeout_ms: u32) -> Result<u64, Error> {
        let taken = self.0.write(bytes, timeout_ms).map_err(wrong)?;
        Ok(match fault::is("write-takes-all") {
            true => bytes.len() as u64,
            false => taken,
        })
    }

    pub fn close_stdin(&self) -> Result<(), Error> {
        if fault::is("close-ignored") {
            return Ok(());
        }
        self.0.close_stdin().map_err(wrong)
    }

    pub fn read(
        &self,
        channel: Channel,
        cursor: u64,
        max: u32,
        timeout_ms: u32,
    ) -> Result<Chunk, Error> {
        if channel == Channel::Stderr && fault::is("stderr-not-read") {
            return Err(Error::WrongStream);
        }
        let cursor = match fault::is("cursor-ignored") {
            true => 0,
            false => cursor,
        };
        let mut chunk = self
            .0
            .read(channel, cursor, max, timeout_ms)
            .map_err(wrong)?;
        if fault::is("chunk-dropped-zero") {
            chunk.dropped = 0;
        }
        if fault::is("eof-never") {
            chunk.eof = false;
        }
        if fault::is("chunk-next-relative") {
            chunk.next = chunk.bytes.len() as u64;
        }
        Ok(chunk)
    }

    #[must_use]
    pub fn status(&self) -> Status {
        let mut status = self.0.status();
        if fault::is("status-cpu-zero") {
            status.cpu_ms = 0;
        }
        if fault::is("status-memory-zero") {
            status.peak_memory = 0;
        }
        if fault::is("status-exit-lost") {
            status.exit = None;
        }
        status
    }

    pub fn wait(&self, timeout_ms: Option<u32>) -> Result<Option<Exit>, Error> {
        let timeout_ms = match fault::is("wait-impatient") {
            true => Some(0),
            false => timeout_ms,
        };
        let mut exit = self.0.wait(timeout_ms).map_err(wrong)?;
        exit.as_mut().into_iter().for_each(changed_exit);
        Ok(exit)
    }

    pub fn signal(&self, signal: Signal) -> Result<(), Error> {
        let signal = match fault::is("signal-always-kill") {
            true => Signal::Kill,
            false => signal,
        };
        self.0.signal(signal).map_err(wrong)
    }

    pub fn stop(&self, grace_ms: Option<u32>) -> Result<Exit, Error> {
        if fault::is("stop-kills") {
            let output = self.0.kill().map_err(wrong)?;
            return Ok(output.exit);
        }
        let grace_ms = match grace_ms {
            _ if fault::is("stop-grace-ignored") => None,
            None if fault::is("stop-default-none") => Some(0),
            grace_ms => grace_ms,
        };
        let mut exit = self.0.stop(grace_ms).map_err(wrong)?;
        changed_exit(&mut exit);
        Ok(exit)
    }

    pub fn kill(&self) -> Result<Output, Error> {
        let mut output = self.0.kill().map_err(wrong)?;
        changed_output(&mut output);
        changed_exit(&mut output.exit);
        if fault::is("kill-without-rings") {
            output.stdout.bytes.clear();
            output.stderr.bytes.clear();
        }
        Ok(output)
    }

    pub fn detach(&self) -> Result<String, Error> {
        match fault::is("detach-ignored") {
            true => Ok(self.0.id()),
            false => self.0.detach().map_err(wrong),
        }
    }
}
