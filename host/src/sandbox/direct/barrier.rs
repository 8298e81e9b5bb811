//! What stands before a process that no namespaces are around: all that differs between
//! Landlock and nothing.

use std::path::Path;

use boll_init::wire;

use super::rules::OLDEST;
use crate::policy::{Access, NetworkAccess};
use crate::sandbox::error::LaunchError;
use crate::sandbox::landlock;
use crate::sandbox::report::Weakness;
use crate::sandbox::ruleset::Ruleset;
use crate::sandbox::seccomp::{self, Around};
use crate::sandbox::settings::SandboxBackend;
use crate::sandbox::supervision::{self, Supervision};
use crate::sandbox::user::User;

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

/// What keeps a process in.
#[derive(Debug)]
pub(super) struct Barrier {
    /// What the operator calls it.
    pub(super) backend: SandboxBackend,
    /// What it is.
    pub(super) name: &'static str,
    /// What the init is told to do.
    pub(super) mode: &'static str,
    /// The paths that processes see beside the system's and the operator's.
    pub(super) shows: &'static [&'static str],
    /// What the init is told to do to try it, and what its checks are about.
    check: (&'static str, &'static [&'static str]),
}

/// Landlock, and a filter of system calls.
pub(super) static LANDLOCK: Barrier = Barrier {
    backend: SandboxBackend::Landlock,
    name: "Landlock",
    mode: wire::MODE_LANDLOCK,
    shows: &[],
    check: (wire::MODE_CHECK_LANDLOCK, &CHECKS),
};

pub(super) static NOTHING: Barrier = Barrier {
    backend: SandboxBackend::None,
    name: "the host's init",
    mode: wire::MODE_UNCONFINED,
    shows: &["/"],
    check: (wire::MODE_CHECK_UNCONFINED, &UNCONFINED_CHECKS),
};

impl Barrier {
    pub(super) fn is_landlock(&self) -> bool {
        self.backend == SandboxBackend::Landlock
    }

    /// Its version, or why it does not do.
    pub(super) fn version(&self) -> Result<String, String> {
        match self.is_landlock() {
            true => version(),
            false => Ok("no sandbox".to_owned()),
        }
    }

    /// What an operator does where it does not work.
    pub(super) fn how_to_fix(&self) -> Option<&'static str> {
        let is_lacking = || !landlock::version().is_ok_and(|version| version >= OLDEST);
        (self.is_landlock() && is_lacking()).then_some(NO_LANDLOCK)
    }

    /// What it does not keep from processes of this user.
    pub(super) fn weaknesses(&self, user: User) -> Vec<Weakness> {
        if !self.is_landlock() {
            return vec![Weakness::Unconfined];
        }
        let root = (user == User::Root).then_some(Weakness::RootWithoutCapabilities);
        let always = [
            Weakness::SeesHost,
            Weakness::NoNetworkNamespace,
            Weakness::GitNotPinned,
            Weakness::AttributesOutside,
            Weakness::UnboundedFiles,
        ];
        root.into_iter().chain(always).collect()
    }

    /// The filter of system calls of a command, empty where there is none.
    pub(super) fn filter(
        &self,
        access: Access,
        supervision: Supervision,
    ) -> Result<&'static [u8], LaunchError> {
        match self.is_landlock() {
            true => {
                seccomp::program(Around::Host(access), supervision).map_err(LaunchError::Filter)
            }
            false => Ok(&[]),
        }
    }

    /// Whether the machine lacks what the init needs to answer what the filter asks, or
    /// there is no filter to ask.
    pub(super) fn lacks_supervision(&self) -> Option<String> {
        match self.is_landlock() {
            true => supervision::lacking(),
            false => Some("there is no filter of system calls".to_owned()),
        }
    }

    /// What Landlock gives a command, where it confines.
    pub(super) fn ruleset(&self, make: impl FnOnce() -> Ruleset) -> Option<Ruleset> {
        self.is_landlock().then(make)
    }

    /// The arguments of the init that tries it, the first of them its name, and what
    /// its checks are about. `outside` is a directory of the host's user, `file` a
    /// file there, and `host` the number of the host's process.
    pub(super) fn check(
        &self,
        supervision: Supervision,
        outside: &Path,
        file: &Path,
        host: u32,
    ) -> (Vec<String>, &'static [&'static str]) {
        let (mode, checks) = self.check;
        let supervised = supervision.word(NetworkAccess::Host);
        let mut args = vec!["boll-init".to_owned(), mode.into(), supervised.into()];
        args.push(host.to_string());
        args.extend([outside, file].map(|path| path.display().to_string()));
        args.push(format!("/proc/{host}/environ"));
        (args, checks)
    }
}

/// The kernel's version of Landlock, or why it does not do.
fn version() -> Result<String, String> {
    let oldest = OLDEST;
    match landlock::version() {
        Ok(version) if version >= oldest => Ok(format!("ABI {version}")),
        Ok(version) => Err(format!(
            "Landlock has ABI {version} here; ABI {oldest} is the first that keeps a process from \
             signalling the host"
        )),
        Err(error) => Err(format!("the kernel has no Landlock: {error}")),
    }
}
