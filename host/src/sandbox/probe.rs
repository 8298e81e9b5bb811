//! Tries a sandbox with the arguments of a real one, and sees what it refuses.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::geteuid;

use super::cgroup::{Cgroups, TreeLimit};
use super::construct::Construction;
use super::launch::Program;
use super::mapping::Mapping;
use super::report::{SandboxReport, SandboxStatus, Weakness};
use super::status::{End, Message};
use super::{
    Child, Counted, Ends, INIT, Inner, LaunchError, Order, User, Verdict, detect, direct, inside,
    plan, wire,
};
use crate::cause::with_causes;
use crate::policy::Access;

/// How long the trial may take; it takes some 20 ms on an idle machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the init's checks are about, in the order of `init/src/program/check.rs`.
const CHECKS: [&str; 11] = [
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
    "the workspace is not the process's own",
];

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
    Start { step: super::LaunchStep, errno: i32 },
    #[error("{0}")]
    Hole(String),
}

pub(super) fn probe(sandbox: &Inner) -> Verdict {
    if sandbox.script.is_some() {
        let status = SandboxStatus::Works {
            by: "a script".into(),
            version: "starts no process".into(),
        };
        let mut verdict = verdict(sandbox, status, None, User::Host, Vec::new());
        verdict.report.weaknesses.clear();
        return verdict;
    }
    if INIT.is_empty() {
        let reason = "there is no sandbox for this platform".into();
        return unusable(sandbox, SandboxStatus::Broken { reason }, None);
    }
    let Some(builder) = &sandbox.builder else {
        return direct::probe(sandbox);
    };
    let Some(program) = &sandbox.program else {
        let fix = builder.how_to_install();
        return unusable(sandbox, SandboxStatus::Missing, Some(fix));
    };
    let (user, weakness) = match (geteuid().is_root(), sandbox.workspace.owner()) {
        (false, _) => (User::Host, None),
        (true, (0, _)) => match mapped(sandbox, program) {
            // It has passed the trial, and needs no other.
            Ok(user) => return verdict(sandbox, works(program), None, user, Vec::new()),
            Err(because) => (User::Root, Some(Weakness::RunsAsRoot { because })),
        },
        (true, (uid, gid)) => (User::Owner { uid, gid }, None),
    };
    match trial(sandbox, &user) {
        Ok(()) => {
            if let Some(weakness) = &weakness {
                tracing::warn!("{weakness}");
            }
            verdict(
                sandbox,
                works(program),
                None,
                user,
                weakness.into_iter().collect(),
            )
        }
        Err(error) => {
            let reason = with_causes(&error);
            let fix = builder.how_to_fix(&reason);
            let weaknesses = weakness.into_iter().collect();
            let broken = SandboxStatus::Broken { reason };
            verdict(sandbox, broken, fix, user, weaknesses)
        }
    }
}

/// The user that root's workspace is mapped to, if a sandbox works with it.
fn mapped(sandbox: &Inner, program: &Path) -> Result<User, String> {
    let mapping = Mapping::find(sandbox, program).map_err(|error| with_causes(&error))?;
    let user = User::Mapped(mapping);
    trial(sandbox, &user).map_err(|error| with_causes(&error))?;
    Ok(user)
}

fn unusable(sandbox: &Inner, status: SandboxStatus, fix: Option<&str>) -> Verdict {
    verdict(sandbox, status, fix, User::Host, Vec::new())
}

/// What comes of a trial, where the backend brings the processes' home.
pub(super) fn verdict(
    sandbox: &Inner,
    status: SandboxStatus,
    fix: Option<&str>,
    user: User,
    mut weaknesses: Vec<Weakness>,
) -> Verdict {
    let cgroups = Arc::new(Cgroups::find());
    let limits: &[TreeLimit] = match sandbox.counted(&user) {
        Counted::Tree => &[TreeLimit::Memory, TreeLimit::Weight],
        // The kernel limits their number in no other way.
        Counted::Nothing | Counted::User => &TreeLimit::ALL,
    };
    let missing = limits.iter().filter_map(|limit| {
        let because = cgroups.refusal(*limit)?.to_owned();
        Some(Weakness::NoCgroup {
            limit: *limit,
            because,
        })
    });
    weaknesses.extend(missing);
    Verdict {
        cgroups,
        report: SandboxReport {
            backend: sandbox.settings.backend,
            status,
            fix: fix.map(Into::into),
            weaknesses,
        },
        user,
        homes: None,
    }
}

fn works(program: &Path) -> SandboxStatus {
    // It has just worked, so a version that it does not tell changes nothing.
    let version = detect::version(program).unwrap_or_else(|error| format!("no version: {error}"));
    SandboxStatus::Works {
        by: program.display().to_string(),
        version,
    }
}

fn trial(sandbox: &Inner, user: &User) -> Result<(), TrialError> {
    let check = match user {
        User::Mapped(_) => wire::MODE_CHECK_OWN,
        User::Host | User::Owner { .. } | User::Root => wire::MODE_CHECK,
    };
    let order = Order {
        directory: inside::WORKSPACE.into(),
        program: plan::INIT.into(),
        args: vec!["boll-init".into(), check.into()],
        ..Order::default()
    };
    let assignment = sandbox.assign(&order, sandbox.null_stdio()?)?;
    let outline = sandbox.outline(Access::default(), user)?;
    let Construction { program, ends, .. } = sandbox.construct(user, outline)?;
    ends.control
        .assign(&assignment)
        .map_err(LaunchError::Order)?;
    let _child = start(sandbox, program)?;
    judge(&ends, &CHECKS)
}

/// Starts a program, and waits until it is started.
pub(super) fn start(sandbox: &Inner, program: Program) -> Result<Child, LaunchError> {
    let (reply, answer) = mpsc::channel();
    sandbox
        .launcher
        .launch(program, Box::new(()), None, move |child| {
            // Nobody waits any more: the child is dropped, and so taken care of.
            drop(reply.send(child));
        });
    let child = answer.recv().map_err(|_| LaunchError::LauncherGone)?;
    child.map_err(LaunchError::Spawn)
}

/// Reads the init's messages to their end.
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
