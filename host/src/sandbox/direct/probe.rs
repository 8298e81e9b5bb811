//! Tries a process without namespaces, and sees what it is refused.

use std::fs;

use rustix::process::{geteuid, getpid};

use super::super::construct::Construction;
use super::super::home::Homes;
use super::super::probe::{TrialError, judge, start, verdict};
use super::super::report::{SandboxStatus, Weakness};
use super::super::{
    Inner, LaunchError, Order, SandboxBackend, User, Verdict, landlock, ruleset, wire,
};
use crate::cause::with_causes;
use crate::policy::Access;

const NO_LANDLOCK: &str = "it needs Linux 6.12 or newer, with `landlock` in the list `lsm=` of the \
                           kernel's command line; or choose another backend";

/// What the init's checks of Landlock are about, in the order of
/// `init/src/program/check_direct.rs`.
const CHECKS: [&str; 17] = [
    "a process has capabilities",
    "a process may gain privileges",
    "a process may make a user namespace",
    "a process may mount",
    "a process may write kernel settings",
    "a process may write the root directory",
    "a process is not in the workspace",
    "a process may write a workspace that it may only read",
    "a process may read the host's passwords",
    "a process may list a directory of the host's user",
    "a process may read a file of the host's user",
    "a process may write a file of the host's user",
    "a process may read the host's environment",
    "a process may reach the network",
    "a process may reach the host's services",
    "a process may signal the host",
    "a process may trace the host",
];

/// The same for no sandbox at all.
const UNCONFINED_CHECKS: [&str; 2] = [
    "a process may gain privileges",
    "a process is not in the workspace",
];

pub(in super::super) fn probe(sandbox: &Inner) -> Verdict {
    let user = match (geteuid().is_root(), sandbox.workspace.owner()) {
        (false, _) => User::Host,
        (true, (0, _)) => User::Root,
        (true, (uid, gid)) => User::Owner { uid, gid },
    };
    let (by, version) = match sandbox.settings.backend {
        SandboxBackend::None => ("the host's init", Ok("no sandbox".to_owned())),
        SandboxBackend::Landlock | SandboxBackend::Bubblewrap => ("Landlock", version()),
    };
    let weaknesses = weaknesses(sandbox.settings.backend, &user);
    let tried = version.and_then(|version| {
        let homes = trial(sandbox, &user).map_err(|error| with_causes(&error))?;
        Ok((version, homes))
    });
    match tried {
        Ok((version, homes)) => {
            tracing::warn!(
                backend = %sandbox.settings.backend,
                "processes are confined less than by bubblewrap, as the operator has chosen"
            );
            let by = by.to_owned();
            let works = SandboxStatus::Works { by, version };
            Verdict {
                homes: Some(homes),
                ..verdict(sandbox, works, None, user, weaknesses)
            }
        }
        Err(reason) => {
            let fix = (sandbox.settings.backend == SandboxBackend::Landlock
                && !landlock::version().is_ok_and(|version| version >= ruleset::OLDEST))
            .then_some(NO_LANDLOCK);
            let broken = SandboxStatus::Broken { reason };
            verdict(sandbox, broken, fix, user, weaknesses)
        }
    }
}

/// The kernel's version of Landlock, or why it does not do.
fn version() -> Result<String, String> {
    let oldest = ruleset::OLDEST;
    match landlock::version() {
        Ok(version) if version >= oldest => Ok(format!("ABI {version}")),
        Ok(version) => Err(format!(
            "Landlock has ABI {version} here; ABI {oldest} is the first that keeps a process from \
             signalling the host"
        )),
        Err(error) => Err(format!("the kernel has no Landlock: {error}")),
    }
}

fn weaknesses(backend: SandboxBackend, user: &User) -> Vec<Weakness> {
    if backend == SandboxBackend::None {
        return vec![Weakness::Unconfined];
    }
    let root = matches!(user, User::Root).then_some(Weakness::RootWithoutCapabilities);
    let always = [
        Weakness::SeesHost,
        Weakness::NoNetworkNamespace,
        Weakness::GitNotPinned,
        Weakness::AttributesOutside,
        Weakness::UnboundedFiles,
    ];
    root.into_iter().chain(always).collect()
}

/// Runs the init's checks as a command; gives what makes the directories of
/// those that follow.
fn trial(sandbox: &Inner, user: &User) -> Result<Homes, TrialError> {
    let homes = Homes::open().map_err(TrialError::Home)?;
    let home = homes.make(user.owner()).map_err(TrialError::Home)?;
    // Another process's: what of the host's user must be out of reach.
    let outside = homes.make(None).map_err(TrialError::Home)?;
    let file = outside.path().join("file");
    fs::write(&file, "").map_err(TrialError::Home)?;

    let host = getpid().as_raw_nonzero().to_string();
    let mut args = vec!["boll-init".to_owned()];
    let checks: &[&str] = match sandbox.settings.backend {
        SandboxBackend::None => {
            args.push(wire::MODE_CHECK_UNCONFINED.into());
            &UNCONFINED_CHECKS
        }
        SandboxBackend::Landlock | SandboxBackend::Bubblewrap => {
            args.extend([wire::MODE_CHECK_LANDLOCK.into(), host.clone()]);
            args.push(outside.path().display().to_string());
            args.push(file.display().to_string());
            args.push(format!("/proc/{host}/environ"));
            &CHECKS
        }
    };
    let order = Order {
        directory: super::WORKSPACE.into(),
        // The command begins as a copy of the init.
        program: "/proc/self/exe".into(),
        args,
        ..Order::default()
    };
    let stdio = sandbox.null_stdio()?;
    let assignment = sandbox.assign_direct(Access::default(), &order, stdio, &home)?;
    let Construction { program, ends, .. } = sandbox.construct_direct(user)?;
    ends.control
        .assign(&assignment)
        .map_err(LaunchError::Order)?;
    let _child = start(sandbox, program)?;
    judge(&ends, checks)?;
    Ok(homes)
}
