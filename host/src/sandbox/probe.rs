//! Tries a sandbox with the arguments of a real one, and sees what it refuses.

use std::io;
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};

use super::report::{SandboxReport, SandboxStatus, Weakness};
use super::status::{End, Message};
use super::{Ends, INIT, Inner, LaunchError, Order, Stdio, User, detect, plan, wire};
use crate::policy::WorkspaceAccess;

/// How long the trial may take; it takes some 20 ms on an idle machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the init's checks are about, in the order of `init/check.rs`.
const CHECKS: [&str; 10] = [
    "a process is not in a process namespace of its own",
    "a process has capabilities",
    "a process may gain privileges",
    "a process may make a user namespace",
    "a process may mount",
    "a process may write kernel settings",
    "a process may write the root directory",
    "a process does not see the workspace",
    "a process may read the host's passwords",
    "a process reaches the network",
];

/// Why the trial did not pass.
#[derive(Debug, thiserror::Error)]
enum TrialError {
    #[error("{0}")]
    Launch(#[from] LaunchError),
    #[error("cannot watch the sandbox: {0}")]
    Watch(#[source] io::Error),
    #[error("it did not come up within {} s", PATIENCE.as_secs())]
    Slow,
    #[error("{0}")]
    Complaint(String),
    #[error("the command did not start at step {step:?}, error {errno}")]
    Start { step: super::LaunchStep, errno: i32 },
    #[error("{0}")]
    Hole(String),
}

pub(super) fn probe(sandbox: &Inner) -> SandboxReport {
    let report = |status, fix: Option<&str>| SandboxReport {
        status,
        fix: fix.map(Into::into),
        weaknesses: weaknesses(sandbox.user),
    };
    if INIT.is_empty() {
        let reason = "there is no sandbox for this platform".into();
        return report(SandboxStatus::Broken { reason }, None);
    }
    let Some(program) = &sandbox.program else {
        return report(
            SandboxStatus::Missing,
            Some(sandbox.backend.how_to_install()),
        );
    };
    match trial(sandbox) {
        Ok(()) => report(works(program), None),
        Err(error) => {
            let reason = with_sources(&error);
            let fix = sandbox.backend.how_to_fix(&reason);
            report(SandboxStatus::Broken { reason }, fix)
        }
    }
}

fn works(program: &Path) -> SandboxStatus {
    // It has just worked, so a version that it does not tell changes nothing.
    let version = detect::version(program).unwrap_or_else(|error| format!("no version: {error}"));
    SandboxStatus::Works {
        program: program.into(),
        version,
    }
}

fn weaknesses(user: User) -> Vec<Weakness> {
    let mut weaknesses = Vec::new();
    if user == User::Root {
        weaknesses.push(Weakness::RunsAsRoot);
    }
    weaknesses.push(Weakness::NoCgroup);
    weaknesses
}

fn trial(sandbox: &Inner) -> Result<(), TrialError> {
    let order = Order {
        directory: plan::WORKSPACE.into(),
        program: plan::INIT.into(),
        args: vec!["boll-init".into(), wire::MODE_CHECK.into()],
        ..Order::default()
    };
    let null = || sandbox.null.try_clone().map_err(LaunchError::Descriptor);
    let stdio = Stdio {
        stdin: null()?,
        stdout: null()?,
        stderr: null()?,
    };
    let prepared = sandbox.prepare(WorkspaceAccess::ReadOnly, &order, stdio)?;
    let (reply, answer) = mpsc::channel();
    sandbox.launcher.launch(prepared.program, move |child| {
        // Nobody waits any more: the child is dropped, and so taken care of.
        drop(reply.send(child));
    });
    let child = answer.recv().map_err(|_| LaunchError::LauncherGone)?;
    let _child = child.map_err(LaunchError::Spawn)?;
    judge(&prepared.ends)
}

/// Reads the init's messages to their end.
fn judge(ends: &Ends) -> Result<(), TrialError> {
    let until = Instant::now() + PATIENCE;
    loop {
        match next_message(ends, until)? {
            Some(Message::Started) => {}
            Some(Message::Failed { step, errno }) => return Err(TrialError::Start { step, errno }),
            Some(Message::Ended { end, .. }) => return judge_end(end),
            None => return Err(TrialError::Complaint(complaint(ends)?)),
        }
    }
}

fn judge_end(end: End) -> Result<(), TrialError> {
    match end {
        End::Code(0) => Ok(()),
        End::Code(check) => {
            let known = CHECKS.get(usize::from(check) - 1);
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
    wait_readable(ends, until)?;
    // The init writes each message at once, so that it is here as a whole.
    match rustix::io::read(&ends.status, &mut message) {
        Ok(wire::MESSAGE_BYTES) => Ok(Message::decode(&message)),
        Ok(_) => Ok(None),
        Err(errno) => Err(TrialError::Watch(errno.into())),
    }
}

fn wait_readable(ends: &Ends, until: Instant) -> Result<(), TrialError> {
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let timeout = Timespec {
            tv_sec: left.as_secs() as i64,
            tv_nsec: i64::from(left.subsec_nanos()),
        };
        let status = ends.status.as_fd();
        let mut watched = [PollFd::from_borrowed_fd(status, PollFlags::IN)];
        match rustix::event::poll(&mut watched, Some(&timeout)) {
            Ok(0) => return Err(TrialError::Slow),
            Ok(_) => return Ok(()),
            Err(rustix::io::Errno::INTR) => {}
            Err(errno) => return Err(TrialError::Watch(errno.into())),
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

fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}
