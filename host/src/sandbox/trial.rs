//! Tries a sandbox: its init runs checks as a command, and ends with the number of what
//! the sandbox let through.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};

use super::control::Ends;
use super::error::LaunchError;
use super::launch::Program;
use super::launcher::{Child, Launcher};
use super::status::{End, LaunchStep, Message};
use super::wire;

/// How long the trial may take; it takes some 20 ms on an idle machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why the trial did not pass.
#[derive(Debug, thiserror::Error)]
pub(super) enum TrialError {
    #[error("{0}")]
    Launch(#[from] LaunchError),
    #[error("cannot make directories for processes")]
    Home(#[source] io::Error),
    #[error("cannot watch the sandbox: {0}")]
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

/// Starts a program, and waits until it is started.
pub(super) fn start(launcher: &Arc<Launcher>, program: Program) -> Result<Child, LaunchError> {
    let (reply, answer) = mpsc::channel();
    launcher.launch(program, Box::new(()), None, move |child| {
        // Nobody waits any more: the child is dropped, and so taken care of.
        drop(reply.send(child));
    });
    let child = answer.recv().map_err(|_| LaunchError::LauncherGone)?;
    child.map_err(LaunchError::Spawn)
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

/// Whether there is something to read, before the time is up.
pub(super) fn wait_readable(file: &OwnedFd, until: Instant) -> io::Result<bool> {
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let timeout = Timespec {
            tv_sec: left.as_secs() as i64,
            tv_nsec: i64::from(left.subsec_nanos()),
        };
        let mut watched = [PollFd::new(file, PollFlags::IN)];
        match rustix::event::poll(&mut watched, Some(&timeout)) {
            Ok(count) => return Ok(count > 0),
            Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}

fn complaint(ends: &Ends) -> Result<String, TrialError> {
    let text = ends.control.complaint().map_err(TrialError::Watch)?;
    if text.is_empty() {
        return Ok("the sandbox ended before the command started".into());
    }
    Ok(text)
}
