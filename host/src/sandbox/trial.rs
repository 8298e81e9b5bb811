//! Tries a sandbox: its init runs checks as a command, and ends with the number of what
//! the sandbox let through.

use std::io;
use std::time::{Duration, Instant};

use boll_init::wire;

use super::control::Ends;
use super::error::LaunchError;
use super::process::wait_readable;
use super::status::{End, LaunchStep, Message};

/// How long the trial may take; it takes some 20 ms on an idle machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why the trial did not pass.
#[derive(Debug, thiserror::Error)]
pub(super) enum TrialError {
    #[error(transparent)]
    Launch(#[from] LaunchError),
    #[error("cannot make directories for processes")]
    Home(#[source] io::Error),
    #[error("cannot watch the sandbox")]
    Watch(#[source] io::Error),
    #[error("it did not come up within {} s", PATIENCE.as_secs())]
    Slow,
    #[error("{0}")]
    Complaint(String),
    #[error("the command did not start at step {step:?}, error {errno}")]
    Start { step: LaunchStep, errno: i32 },
    #[error("{0}")]
    Hole(String),
}

/// Reads the init's messages to their end. `checks` says what each of its checks is
/// about.
pub(super) fn judge(ends: &Ends, checks: &[&str]) -> Result<(), TrialError> {
    let until = Instant::now() + PATIENCE;
    loop {
        match next_message(ends, until)? {
            Some(Message::Started) => {}
            Some(Message::Failed { step, errno }) => return Err(TrialError::Start { step, errno }),
            Some(Message::Ended { end, .. }) => return judge_end(end, checks),
            None => return Err(TrialError::Complaint(complaint(ends)?)),
        }
    }
}

fn judge_end(end: End, checks: &[&str]) -> Result<(), TrialError> {
    match end {
        End::Code(0) => Ok(()),
        End::Code(check) => {
            let known = checks.get(usize::from(check) - 1);
            Err(TrialError::Hole(known.map_or_else(
                || format!("the check in the sandbox ended with {check}"),
                |text| (*text).into(),
            )))
        }
        End::Signal(signal) => Err(TrialError::Hole(format!(
            "the check in the sandbox was killed by signal {signal}"
        ))),
    }
}

fn next_message(ends: &Ends, until: Instant) -> Result<Option<Message>, TrialError> {
    let mut message = [0; wire::MESSAGE_BYTES];
    if !wait_readable(&ends.status, until).map_err(TrialError::Watch)? {
        return Err(TrialError::Slow);
    }
    // The init writes each message at once, so that it is here as a whole.
    match rustix::io::read(&ends.status, &mut message) {
        Ok(wire::MESSAGE_BYTES) => Ok(Message::decode(&message)),
        Ok(_) => Ok(None),
        Err(errno) => Err(TrialError::Watch(errno.into())),
    }
}

fn complaint(ends: &Ends) -> Result<String, TrialError> {
    let text = ends.control.complaint().map_err(TrialError::Watch)?;
    if text.is_empty() {
        return Ok("the sandbox ended before the command started".into());
    }
    Ok(text)
}
